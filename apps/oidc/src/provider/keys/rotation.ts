import type { Channel, Database } from '@daytona-auth/db/core'
import { advanceSigningKeys, type RotationPace, type SigningKeyRow } from '@daytona-auth/db/signing-keys'
import type { KeyWrapping } from '@daytona-auth/signing-keys/wrap'
import type { FastifyBaseLogger } from 'fastify'
import { ensureSigningKeys, type OpenedKeys, openSigningKeys, type SigningKeys } from './signing-keys.ts'

export interface RotationOptions<Built> {
  readonly database: Database
  readonly channel: Pick<Channel, 'subscribe'>
  readonly wrapping: KeyWrapping
  readonly pace: RotationPace
  readonly logger: Pick<FastifyBaseLogger, 'info' | 'error'>
  /** Builds the server for a set of keys. Called again for each new set. */
  readonly build: (keys: SigningKeys) => Built
}

export interface Rotation<Built> {
  /** Returns what was built from the current keys. Call it for each request. */
  readonly current: () => Built
  /** False once a key that this process signs with was removed: verifiers then reject its tokens. */
  areSigningKeysPublished(): boolean
  close(): Promise<void>
}

/** The delay after a failure: long enough not to flood the log, short enough not to delay a rotation much. */
const RETRY_MS = 30_000
/** The delay before reading again, when another process is taking the step that was due. */
const OVERTAKEN_MS = 1000
/** The longest delay of one timer: Node.js limits timers to 24 days. */
const LONGEST_MS = 60 * 60_000

/**
 * Follows the table `signing_keys`: builds again for each new set of keys, and takes rotation steps when they are due.
 * The first process to reach a step takes it. The previous build finishes its requests and is then garbage-collected.
 * @throws StartupError when a signing key cannot be opened at startup; later the previous key continues to sign
 */
export async function followSigningKeys<Built>(options: RotationOptions<Built>): Promise<Rotation<Built>> {
  const { database, channel, wrapping, pace, logger, build } = options
  let published: ReadonlySet<string> = new Set()
  let serving: { readonly state: string; readonly keys: OpenedKeys; readonly built: Built } | undefined
  let isOutdated = true
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  let reading: Promise<void> | undefined

  async function read(): Promise<void> {
    while (isOutdated && !isClosed) {
      isOutdated = false
      const rows = await ensureSigningKeys(database, wrapping)
      published = new Set(rows.map(({ kid }) => kid))
      const state = rows.map(({ kid, status }) => `${kid} ${status}`).join()
      if (serving?.state !== state) {
        const keys = await openSigningKeys(rows, wrapping, serving?.keys)
        serving = { state, keys, built: build(keys) }
        logger.info({ keys: rows.map(({ kid, alg, status }) => ({ kid, alg, status })) }, 'signing keys loaded')
      }
      await advance(rows, serving.keys.unopened)
    }
  }

  /** Takes the step that is due, unless this process could not sign after it. */
  async function advance(rows: readonly SigningKeyRow[], unopened: readonly string[]): Promise<void> {
    if (unopened.length > 0) {
      return logger.error({ kids: unopened }, 'signing keys cannot be opened: SIGNING_KEYS_SECRET does not match')
    }
    const dueMs = nextStepMs(rows, pace)
    if (dueMs > 0) return scheduleRefresh(dueMs)
    const changes = await advanceSigningKeys(database, pace, 'provider')
    for (const { kid, alg, verb } of changes) logger.info({ kid, alg, verb }, 'signing key rotated')
    if (changes.length > 0) isOutdated = true
    else scheduleRefresh(OVERTAKEN_MS)
  }

  function scheduleRefresh(afterMs: number): void {
    clearTimeout(timer)
    if (isClosed || afterMs === Number.POSITIVE_INFINITY) return
    timer = setTimeout(refresh, Math.min(afterMs, LONGEST_MS)).unref()
  }

  function refresh(): void {
    isOutdated = true
    reading ??= read()
      .catch((err: unknown) => {
        logger.error({ err }, 'signing keys could not be read: the previous ones stay in use')
        scheduleRefresh(RETRY_MS)
      })
      .finally(() => {
        reading = undefined
      })
  }

  await read()
  // The channel's `reset` covers changes between the first read and the subscription.
  const unsubscribe = channel.subscribe(({ kind }) => {
    if (kind === 'signing-keys' || kind === 'reset') refresh()
  })

  return {
    current() {
      if (!serving) throw new Error('no signing keys have been read')
      return serving.built
    },
    areSigningKeysPublished: () =>
      serving?.keys.privateJwks.every(({ kid }) => kid !== undefined && published.has(kid)) ?? false,
    async close() {
      isClosed = true
      unsubscribe()
      clearTimeout(timer)
      await reading
    },
  }
}

/** Returns the milliseconds until the next step is due; Infinity if there is none. */
function nextStepMs(rows: readonly SigningKeyRow[], pace: RotationPace): number {
  const due = rows.map(({ status, ageSeconds }) => {
    if (status === 'next') return pace.promoteAfterSeconds - ageSeconds
    return status === 'retired' ? pace.removeAfterSeconds - ageSeconds : Number.POSITIVE_INFINITY
  })
  return 1000 * Math.min(Number.POSITIVE_INFINITY, ...due)
}
