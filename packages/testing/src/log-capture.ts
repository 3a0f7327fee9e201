import { Writable } from 'node:stream'

/** A destination for pino that keeps what was logged. */
export interface LogCapture {
  readonly stream: Writable
  /** Everything, as it would stand in the file: to search it for secrets. */
  text(): string
  /** The lines as objects. */
  lines(): Record<string, unknown>[]
}

export function captureLog(): LogCapture {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  const text = () => chunks.join('')
  return {
    stream,
    text,
    lines: () =>
      text()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
  }
}
