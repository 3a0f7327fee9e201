/** What one look-up and one notification cost, in milliseconds of processor time. Measured by `measureCosts`. */
export interface Costs {
  /** Of the database, for a statement without a key. */
  readonly databaseStatement: number
  /** Of the database, for each key of a statement. */
  readonly databaseKey: number
  /** Of the server process, for each key that is looked up. */
  readonly processKey: number
  /** Of the server process, for each notification that it receives. */
  readonly processNotification: number
}

/** A deployment whose caches are empty, as after a lost channel, or after all processes have started at once. */
export interface Deployment {
  readonly processes: number
  /** Of all processes together. */
  readonly requestsPerSecond: number
  /** The keys that clients use. The popularity of the nth is proportional to 1/n. */
  readonly keys: number
  readonly databaseCores: number
  /** Of each process, for look-ups. */
  readonly connections: number
  /** The most keys of one statement. */
  readonly batch: number
  /** How long a request waits for a look-up, in milliseconds. */
  readonly timeoutMs: number
  /** How long requests arrive, if not for the whole simulation of ten seconds. */
  readonly arrivalMs?: number
}

export interface Refill {
  readonly lookUps: number
  readonly statements: number
  /** The most statements that ended in one second. */
  readonly statementsPerSecond: number
  /** The longest wait of a request, in milliseconds. */
  readonly longestWaitMs: number
  /** The share of all requests that were given up. */
  readonly givenUp: number
  readonly databaseMs: number
}

/** Times are multiples of this, in milliseconds: about a turn of a busy event loop. */
const STEP_MS = 1
const SIMULATED_MS = 10_000

interface Statement {
  readonly keys: number[]
  /** Processor time of the database that it still needs. */
  left: number
}

interface Process {
  readonly cached: Uint8Array
  /** Keys that are being looked up, each once, with the instants at which requests began to wait for it. */
  readonly waiting: Map<number, number[]>
  readonly queue: Statement[]
  readonly running: Statement[]
  /** Requests that have not been read yet, because the process was busy. */
  backlog: number
  busyMs: number
}

/**
 * Simulates how the caches fill again. Requests for the same key share a look-up in their process, look-ups of one turn share a
 * statement, statements wait for a connection, and the database divides its cores among the statements that run.
 */
export function simulateRefill(
  deployment: Deployment,
  costs: Costs,
  draw: () => number = popularKeys(deployment.keys, seeded(1)),
): Refill {
  const {
    processes: count,
    requestsPerSecond,
    keys,
    databaseCores,
    connections,
    batch,
    timeoutMs,
    arrivalMs = SIMULATED_MS,
  } = deployment
  const processes = Array.from(
    { length: count },
    (): Process => ({
      cached: new Uint8Array(keys),
      waiting: new Map(),
      queue: [],
      running: [],
      backlog: 0,
      busyMs: 0,
    }),
  )
  const totals = { lookUps: 0, statements: 0, databaseMs: 0, longestWaitMs: 0, requests: 0, givenUp: 0 }
  const endedInSecond = new Map<number, number>()

  for (let now = 0; now < SIMULATED_MS; now += STEP_MS) {
    for (const process of processes) {
      if (now < arrivalMs) process.backlog += (requestsPerSecond / 1000 / count) * STEP_MS
      process.busyMs = Math.max(0, process.busyMs - STEP_MS)
      if (process.busyMs > 0) continue
      const gathered: number[] = []
      for (; process.backlog >= 1; process.backlog -= 1) {
        const key = draw()
        totals.requests += 1
        if (process.cached[key]) continue
        const waits = process.waiting.get(key)
        if (waits) waits.push(now)
        else {
          process.waiting.set(key, [now])
          gathered.push(key)
        }
      }
      for (let at = 0; at < gathered.length; at += batch) {
        const some = gathered.slice(at, at + batch)
        process.queue.push({ keys: some, left: costs.databaseStatement + some.length * costs.databaseKey })
        totals.lookUps += some.length
      }
      process.running.push(...process.queue.splice(0, connections - process.running.length))
    }
    const running = processes.reduce((sum, each) => sum + each.running.length, 0)
    const share = Math.min(1, databaseCores / running) * STEP_MS
    for (const process of processes) {
      for (const statement of process.running) {
        totals.databaseMs += Math.min(share, statement.left)
        statement.left -= share
        if (statement.left <= 0) finish(process, statement, now)
      }
      const unfinished = process.running.filter(({ left }) => left > 0)
      process.running.splice(0, process.running.length, ...unfinished)
    }
  }

  function finish(process: Process, { keys }: Statement, now: number): void {
    totals.statements += 1
    const second = Math.floor(now / 1000)
    endedInSecond.set(second, (endedInSecond.get(second) ?? 0) + 1)
    process.busyMs += keys.length * costs.processKey
    for (const key of keys) {
      process.cached[key] = 1
      for (const since of process.waiting.get(key) ?? []) {
        const wait = now + STEP_MS - since
        totals.longestWaitMs = Math.max(totals.longestWaitMs, wait)
        if (wait > timeoutMs) totals.givenUp += 1
      }
      process.waiting.delete(key)
    }
  }

  const { requests, givenUp, ...sums } = totals
  const statementsPerSecond = Math.max(0, ...endedInSecond.values())
  return { ...sums, statementsPerSecond, givenUp: givenUp / requests }
}

/** What a change of many keys in one transaction costs: each process receives a notification for each key. */
export function costOfRevocation(
  revoked: number,
  { processes, databaseCores }: Pick<Deployment, 'processes' | 'databaseCores'>,
  costs: Costs,
): { readonly notifications: number; readonly processMs: number; readonly lookUpsMs: number } {
  return {
    notifications: revoked * processes,
    processMs: revoked * costs.processNotification,
    // Each process looks up each of the keys once more, if it is still presented.
    lookUpsMs: (revoked * processes * costs.databaseKey) / databaseCores,
  }
}

/** Draws keys of which the nth is used in proportion to 1/n. */
function popularKeys(keys: number, random: () => number): () => number {
  const sums = new Float64Array(keys)
  let sum = 0
  for (let key = 0; key < keys; key += 1) {
    sum += 1 / (key + 1)
    sums[key] = sum
  }
  return () => {
    const wanted = random() * sum
    let [low, high] = [0, keys - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** A pseudo-random sequence that is the same in each run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
