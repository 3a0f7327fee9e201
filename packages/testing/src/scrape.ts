/** What a server tells Prometheus. */
export interface Scrape {
  /** As it came. */
  readonly text: string
  /** The names of its own metrics, sorted; those of the process and of Node are the client's. */
  readonly names: readonly string[]
  /** The value of a series as it stands there, such as `up{service="api"}`, or undefined. */
  value(series: string): number | undefined
}

export async function scrape(port: number): Promise<Scrape> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  if (!response.ok) throw new Error(`the metrics were answered ${response.status}`)
  const text = await response.text()
  const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name)
  return {
    text,
    names: names.filter((name) => !/^(?:nodejs|process)_/.test(name)).sort(),
    value(series) {
      const line = text.split('\n').find((one) => one.startsWith(`${series} `))
      return line === undefined ? undefined : Number(line.slice(series.length + 1))
    },
  }
}
