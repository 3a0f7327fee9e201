import type { Child } from './child.ts'
import { type Load, openLoad, type Work } from './load.ts'
import { type Comparison, compare, measureInPairs, type Pair } from './paired.ts'
import type { BenchDatabase } from './postgres.ts'
import { type Finding, formatNote } from './report.ts'
import { invalidateKeys, type Owner } from './seed.ts'

export interface RequestBench {
  readonly guarded: Child
  readonly bare: Child
  readonly keys: readonly string[]
  readonly tokens: readonly string[]
  readonly owner: Owner
  readonly postgres: BenchDatabase
  readonly slotMs: number
  readonly pairs: number
}

const CONNECTIONS = 32
/** Credentials used in turn while warm: more than one, so that no processor cache makes the look-up look cheaper. */
const WARM = 64
const COLD_SLOTS = 20
const COLD_ROUNDS = 1

export const REQUEST_LINES = ['key', 'jwt', 'cold', 'malformed'] as const

export type RequestLine = (typeof REQUEST_LINES)[number]

/** Measures one kind of request to the guarded route against the bare one, in two processes of the same program. */
export async function measureRequests(line: RequestLine, bench: RequestBench): Promise<Pair[]> {
  switch (line) {
    case 'key':
      return warm(bench, bench.keys.slice(0, WARM), 200)
    case 'jwt':
      return warm(bench, bench.tokens, 200)
    case 'malformed':
      return warm(bench, bench.keys.slice(0, WARM).map(withTypo), 401)
    case 'cold':
      return cold(bench)
  }
}

const LINES: Record<RequestLine, { readonly name: string; readonly atLeast: number }> = {
  key: { name: 'warm API key', atLeast: 0.85 },
  jwt: { name: 'warm JWT', atLeast: 0.85 },
  malformed: { name: '401, malformed key', atLeast: 0.9 },
  cold: { name: 'cold API key, each once', atLeast: 0.25 },
}

/** Summarizes all pairs of one kind of request. */
export function summarize(line: RequestLine, pairs: readonly Pair[]): Finding {
  const { name, atLeast } = LINES[line]
  const comparison: Comparison = compare(pairs)
  return { name, values: comparison.ratios, target: { atLeast }, note: formatNote(comparison) }
}

async function warm(bench: RequestBench, credentials: readonly string[], status: number): Promise<Pair[]> {
  const { guarded, bare, slotMs, pairs } = bench
  return withLoads(bench, status, async (guardedLoad, bareLoad) => {
    const work = inTurn(credentials)
    const bareWork = inTurn(credentials, status === 401 ? '/refused' : '/bare')
    await guardedLoad.slot(work, WARM_UP_MS)
    await bareLoad.slot(bareWork, WARM_UP_MS)
    return measureInPairs(
      { child: guarded, prepare: async () => () => guardedLoad.slot(work, slotMs) },
      { child: bare, prepare: async () => () => bareLoad.slot(bareWork, slotMs) },
      pairs,
    )
  })
}

/** Sends every key once in each round, and invalidates all keys between the rounds. */
async function cold(bench: RequestBench): Promise<Pair[]> {
  const { guarded, bare, keys, owner, postgres, slotMs } = bench
  const perSlot = Math.floor(keys.length / COLD_SLOTS)
  return withLoads(bench, 200, async (guardedLoad, bareLoad) => {
    const bareWork = inTurn(keys, '/bare')
    await bareLoad.slot(bareWork, WARM_UP_MS)
    const pairs: Pair[] = []
    for (let count = 0; count <= COLD_ROUNDS; count += 1) {
      await invalidateKeys(postgres.database, owner)
      const requests = keys.map((key) => requestWith(key, '/bench')).values()
      const round = await measureInPairs(
        { child: guarded, prepare: async () => () => guardedLoad.slot(firstOf(requests, perSlot)) },
        { child: bare, prepare: async () => () => bareLoad.slot(bareWork, slotMs) },
        COLD_SLOTS,
      )
      if (count > 0) pairs.push(...round) // the first round is a warm-up
    }
    return pairs
  })
}

/** On one core, compiling the hot functions competes with calling them. */
const WARM_UP_MS = 3000

async function withLoads(
  { guarded, bare }: RequestBench,
  status: number,
  run: (guarded: Load, bare: Load) => Promise<Pair[]>,
): Promise<Pair[]> {
  const guardedLoad = await openLoad(guarded.url, CONNECTIONS, status)
  const bareLoad = await openLoad(bare.url, CONNECTIONS, status)
  try {
    return await run(guardedLoad, bareLoad)
  } finally {
    guardedLoad.close()
    bareLoad.close()
  }
}

function inTurn(credentials: readonly string[], path = '/bench'): Work {
  const requests = credentials.map((credential) => requestWith(credential, path))
  let sent = 0
  return {
    next() {
      sent += 1
      return requests[sent % requests.length]
    },
  }
}

function firstOf(requests: Iterator<Buffer>, count: number): Work {
  let sent = 0
  return {
    next() {
      sent += 1
      return sent > count ? undefined : requests.next().value
    },
  }
}

const requestWith = (credential: string, path: string): Buffer =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${credential}\r\n\r\n`)

/** Changes a key so that its checksum is wrong. */
const withTypo = (key: string): string => key.slice(0, -1) + (key.endsWith('0') ? '1' : '0')
