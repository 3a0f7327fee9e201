import type { Redis as Client } from 'ioredis'
import type { Logger } from 'pino'
import { Counter, Gauge, type Registry } from 'prom-client'

export interface RedisOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  readonly url: string
  readonly logger: Pick<Logger, 'info' | 'warn'>
  readonly registry?: Registry | undefined
}

/** The optional Redis that the processes of an installation share. */
export interface SharedRedis {
  /** Whether the last command was answered. */
  isUp(): boolean
  /**
   * Runs a Lua script and returns its result. Returns undefined if it was not run or its outcome is unknown: immediately
   * while Redis is down, after a second without an answer. Never rejects.
   */
  run(script: string, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>
  /** Counts an unexpected answer, such as that of a key with another type. Logged at most once a minute. */
  misread(what: string): void
  /** Closes the connection. Pending commands are dropped. */
  close(): Promise<void>
}

/** The prefix of all keys, which the ACL of the Redis user must allow (`~daytona-auth:*`). */
export const REDIS_PREFIX = 'daytona-auth:'

const SILENCE_MS = 1000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5000
const MISREAD_MS = 60_000

/** Writes, so that a read-only replica or a user without write permission does not count as up. */
const PROBE = `return redis.call('SET', KEYS[1], '1', 'PX', 1000)`

/**
 * Keeps a connection to Redis or Valkey open: one that breaks or does not answer is replaced, with exponential backoff up
 * to 5 s. Startup does not wait for it; the client is loaded in the background. Losing the connection logs one warning,
 * restoring it one line.
 */
export function openRedis({ url, logger, registry }: RedisOptions): SharedRedis {
  let client: Client | undefined
  let state: 'unknown' | 'up' | 'down' | 'closed' = 'unknown'
  let failures = 0
  let errors = 0
  let misreadAt = Number.NEGATIVE_INFINITY

  if (registry) {
    new Gauge({
      name: 'shared_limits_connected',
      help: '1 while limits are counted together with other processes, 0 while this one counts alone',
      registers: [registry],
      collect() {
        this.set(state === 'up' ? 1 : 0)
      },
    })
    new Counter({
      name: 'shared_limits_errors_total',
      help: 'Failures of the Redis that limits are shared over',
      registers: [registry],
      collect() {
        this.reset()
        this.inc(errors)
      },
    })
  }

  function becomeDown(err: unknown): void {
    if (state === 'closed') return
    errors += 1
    if (state === 'down') return
    state = 'down'
    logger.warn({ err }, 'Redis does not serve: limits are counted by this process alone')
  }

  async function evaluate(
    by: Client,
    script: string,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    try {
      return await by.eval(script, keys.length, ...keys, ...args)
    } catch (error) {
      becomeDown(error)
      failures += 1
      // A new connection resolves most failures, including a failover.
      if (state !== 'closed') by.disconnect(true)
      return undefined
    }
  }

  async function probe(by: Client): Promise<void> {
    const answer = await evaluate(by, PROBE, [`${REDIS_PREFIX}probe`], [])
    if (answer === undefined || state === 'closed') return
    failures = 0
    state = 'up'
    logger.info('limits are shared over Redis')
  }

  async function open(): Promise<void> {
    // Loaded on demand: it takes 50 ms and 20 MB. In a bundle, a dynamic import of CommonJS has only a default export.
    const { Redis } = (await import('ioredis')).default
    if (state === 'closed') return
    const opened = new Redis(url, {
      connectionName: 'daytona-auth',
      connectTimeout: SILENCE_MS,
      disconnectTimeout: FIRST_RETRY_MS,
      socketTimeout: SILENCE_MS,
      // No queueing and no retries: a command that is sent later counts at the wrong time.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy(attempts) {
        const ms = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts + failures - 1, 10))
        return ms * (0.5 + Math.random() / 2)
      },
    })
    opened.on('error', becomeDown)
    opened.on('close', () => {
      // If there was an error, it has been logged.
      if (state !== 'down') becomeDown(new Error('the connection was closed'))
    })
    opened.on('ready', () => probe(opened))
    client = opened
  }
  const opening = open().catch(becomeDown)

  return {
    isUp: () => state === 'up',
    run: async (script, keys, args) => (client && state === 'up' ? evaluate(client, script, keys, args) : undefined),
    misread(what) {
      errors += 1
      if (performance.now() - misreadAt < MISREAD_MS) return
      misreadAt = performance.now()
      logger.warn({ what }, 'Redis holds something that is not ours: it is not counted')
    },
    async close() {
      state = 'closed'
      await opening
      client?.disconnect()
    },
  }
}
