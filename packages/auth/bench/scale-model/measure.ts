import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { type Channel, connect, openChannel, waitUntilFresh } from '@daytona-auth/db/core'
import { createVerifier, type Verifier } from '../../src/verification/verifier.ts'
import type { Costs } from './simulate.ts'

const ORIGIN = 'https://api.example.com'
const ADDRESS = '192.0.2.1'

/** The verification of a server process: its own connections, channel and cache. All run in this process. */
export interface MeasuredProcess {
  readonly verifier: Verifier
  readonly channel: Channel
  /** Statements that its look-ups have sent. */
  statements(): number
  /** Processor time that the database has spent for its look-ups, in milliseconds. */
  databaseMs(): Promise<number>
  close(): Promise<void>
}

export async function startProcess(url: string, connections = 4): Promise<MeasuredProcess> {
  let sent = 0
  const applicationName = `scale ${process.pid} ${started}`
  started += 1
  const count = () => () => {
    sent += 1
  }
  const database = connect(url, { max: connections, applicationName, onStatement: count })
  const channel = openChannel({ url, staleAfterMs: 60_000 })
  const verifier = createVerifier({
    database,
    channel,
    logger: { info() {}, warn() {} },
    issuer: ORIGIN,
    audience: ORIGIN,
    timeoutMs: 60_000,
  })
  await waitUntilFresh(channel)
  await verifier.start()
  const first = sent
  return {
    verifier,
    channel,
    statements: () => sent - first,
    async databaseMs() {
      const backends = await database.$client<{ pid: number }[]>`
        SELECT pid FROM pg_stat_activity WHERE application_name = ${applicationName}`
      const times = await Promise.all(backends.map(({ pid }) => processorMs(pid)))
      return times.reduce((sum, ms) => sum + ms, 0)
    },
    async close() {
      verifier.close()
      await channel.close()
      await database.$client.end()
    },
  }
}

let started = 0

/** Linux counts processor time in ticks. */
const TICK_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Reads the processor time of a process of this machine, in milliseconds. */
async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // After the name, which may contain spaces: the 12th and 13th fields are user and system time.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** Verifies keys that are not cached, all within one turn of the event loop. */
export async function verifyAll({ verifier }: MeasuredProcess, keys: readonly string[]): Promise<void> {
  const answers = await Promise.all(keys.map((key) => verifier.verify(key, ADDRESS)))
  const odd = answers.find((answer) => answer.kind !== 'api-key')
  if (odd) throw new Error(`a key was not verified: ${JSON.stringify(odd)}`)
}

/**
 * Measures the constants of the model with real statements on a real database, as processor time: other programs on the
 * machine do not change it. The keys are valid and in no cache; there are at least 2,000.
 */
export async function measureCosts(url: string, keys: readonly string[]): Promise<Costs> {
  const alone = keys.slice(0, Math.min(500, keys.length / 4))
  const [first, together] = [keys.slice(alone.length, alone.length + 100), keys.slice(alone.length + 100)]
  const measured = await startProcess(url, 1)
  try {
    await verifyAll(measured, first) // plans the statement
    let before = await measured.databaseMs()
    for (const key of alone) await verifyAll(measured, [key])
    const single = ((await measured.databaseMs()) - before) / alone.length
    before = await measured.databaseMs()
    const own = process.cpuUsage()
    for (let at = 0; at < together.length; at += 100) await verifyAll(measured, together.slice(at, at + 100))
    const { user, system } = process.cpuUsage(own)
    const databaseKey = ((await measured.databaseMs()) - before) / together.length
    return {
      databaseStatement: Math.max(0, single - databaseKey),
      databaseKey,
      processKey: (user + system) / 1000 / together.length,
      processNotification: await measureNotification(url, measured),
    }
  } finally {
    await measured.close()
  }
}

/** Notifies of every key, most of which are cached, in one transaction as a change of many keys does. */
async function measureNotification(url: string, { channel }: MeasuredProcess): Promise<number> {
  const { $client: sql } = connect(url, { max: 1, silenceTimeoutSeconds: null })
  const [row] = await sql<{ keys: number }[]>`SELECT count(*)::int AS keys FROM api_keys`
  const keys = row?.keys ?? 0
  const received = receive(channel, keys)
  const own = process.cpuUsage()
  await sql`SELECT count(*) FROM (SELECT pg_notify('daytona_auth', 'key:' || id) FROM api_keys OFFSET 0) notified`
  await received
  const { user, system } = process.cpuUsage(own)
  await sql.end()
  return (user + system) / 1000 / keys
}

/** Resolves when a channel has received this number of changes of keys. */
export function receive(channel: Channel, count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let received = 0
  const unsubscribe = channel.subscribe(({ kind }) => {
    if (kind === 'key') received += 1
    if (received < count) return
    unsubscribe()
    resolve()
  })
  return promise
}
