import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { connect, openChannel, waitUntilFresh } from '@daytona-auth/db/core'
import { Registry } from 'prom-client'
import { createVerifier } from '../src/verification/verifier.ts'

// Run with --expose-gc: fills the cache of a verifier with the keys of a file, one a line, and prints its memory as JSON.

/** The printed result. */
export interface FilledCache {
  readonly entries: number
  /** The bytes charged to the budget. */
  readonly estimatedBytes: number
  /** The growth of the heap. */
  readonly heapBytes: number
  readonly rssBytes: number
}

const [url = '', file = '', cacheBytes = ''] = process.argv.slice(2)
const keys = readFileSync(file, 'utf8').trim().split('\n')
const database = connect(url, { applicationName: 'daytona-auth bench' })
const channel = openChannel({ url })
const registry = new Registry()
const origin = 'https://api.example.com'
const logger = { info() {}, warn() {} }
const verifier = createVerifier({
  database,
  channel,
  logger,
  registry,
  issuer: origin,
  audience: origin,
  cacheBytes: Number(cacheBytes),
})
await waitUntilFresh(channel)
await verifier.start()

async function heapUsed(): Promise<number> {
  // The texts of recent credentials are kept for a second.
  await delay(1200)
  for (let times = 0; times < 4; times += 1) globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

async function verifyAll(some: readonly string[]): Promise<void> {
  const answers = await Promise.all(some.map((key) => verifier.verify(key, '192.0.2.1')))
  const odd = answers.find((answer) => answer.kind !== 'api-key')
  if (odd) throw new Error(`a key was not verified: ${JSON.stringify(odd)}`)
}

const readMetric = async (name: string): Promise<number> =>
  Number((await registry.getSingleMetricAsString(name)).trim().split(' ').at(-1))

await verifyAll(keys.slice(0, 100))
const before = await heapUsed()
const entriesBefore = await readMetric('auth_cache_entries')
const bytesBefore = await readMetric('auth_cache_bytes')
for (let at = 100; at < keys.length; at += 200) await verifyAll(keys.slice(at, at + 200))
const heapBytes = (await heapUsed()) - before
const filled: FilledCache = {
  entries: (await readMetric('auth_cache_entries')) - entriesBefore,
  estimatedBytes: (await readMetric('auth_cache_bytes')) - bytesBefore,
  heapBytes,
  rssBytes: process.memoryUsage().rss,
}
process.stdout.write(JSON.stringify(filled))
verifier.close()
await channel.close()
await database.$client.end()
