import assert from 'node:assert/strict'
import { Writable } from 'node:stream'

/** A destination for pino that stores the log. */
export interface LogCapture {
  readonly stream: Writable
  /** Returns the log as text, to search it for secrets. */
  text(): string
  /** Returns the lines as objects. */
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

/** Asserts that the line of each denied request has its reason, for the end of a test file with a server. */
export function assertReasonsLogged(log: LogCapture): void {
  const without = log
    .lines()
    .filter(({ durationMs, statusCode, why }) => durationMs !== undefined && Number(statusCode) >= 400 && !why)
    .map(({ method, route, path, statusCode }) => `${method} ${route ?? path}: ${statusCode}`)
  assert.deepEqual([...new Set(without)], [], 'denied requests without a reason in their log line')
}
