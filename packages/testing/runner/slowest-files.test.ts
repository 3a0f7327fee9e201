import assert from 'node:assert/strict'
import { join } from 'node:path'
import { it } from 'node:test'
import slowestFiles, { type TestEvent } from './slowest-files.ts'

async function reported(events: readonly TestEvent[]): Promise<string[]> {
  async function* stream() {
    yield* events
  }
  return (await Array.fromAsync(slowestFiles(stream()))).map((line) => line.trim())
}

const summary = (file: string | undefined, ms: number): TestEvent => ({
  type: 'test:summary',
  data: { file: file && join(process.cwd(), file), duration_ms: ms },
})

it('prints the ten slowest files, slowest first', async () => {
  const files = Array.from({ length: 12 }, (_, place) => summary(`test/${place}.test.ts`, place * 1000))
  const lines = await reported([...files, summary(undefined, 99_000)])
  assert.equal(lines.length, 11)
  assert.deepEqual(lines.slice(0, 2), ['Slowest files:', '11.0 s  test/11.test.ts'])
  assert.equal(lines.at(-1), '2.0 s  test/2.test.ts')
})

it('prints nothing when no file ran', async () => {
  assert.deepEqual(await reported([summary(undefined, 1)]), [])
})
