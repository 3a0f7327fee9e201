/** The metrics of a server. */
export interface Scrape {
  /** The raw response. */
  readonly text: string
  /** The names of the server's own metrics, sorted, without those of the process and of Node. */
  readonly names: readonly string[]
  /** Returns the names of a metric's labels, sorted, without `service` and `le`; undefined for a metric without a series. */
  labelsOf(name: string): readonly string[] | undefined
  /** Returns the value of a series, written as in the response (`up{service="api"}`), or undefined. */
  value(series: string): number | undefined
}

/** Reads the metrics of a server from its metrics port. */
export async function scrape(port: number): Promise<Scrape> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  if (!response.ok) throw new Error(`GET /metrics was answered ${response.status}`)
  const text = await response.text()
  const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name)
  return {
    text,
    names: names.filter((name) => !/^(?:nodejs|process)_/.test(name)).sort(),
    labelsOf(name) {
      const series = new RegExp(`^${name}(?:_bucket|_count|_sum)?\\{([^}]*)\\}`, 'gm')
      const labels = [...text.matchAll(series)].map(([, list = '']) =>
        [...list.matchAll(/(\w+)="/g)]
          .map(([, label = '']) => label)
          .filter((label) => !/^(?:le|service)$/.test(label)),
      )
      return labels.length === 0 ? undefined : [...new Set(labels.flat())].sort()
    },
    value(series) {
      const line = text.split('\n').find((one) => one.startsWith(`${series} `))
      return line === undefined ? undefined : Number(line.slice(series.length + 1).replace('Inf', 'Infinity'))
    },
  }
}
