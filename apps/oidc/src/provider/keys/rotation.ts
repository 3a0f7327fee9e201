import {
  advanceSigningKeys,
  type Channel,
  type Database,
  type RotationPace,
  type SigningKeyRow,
} from '@daytona-auth/db'
import type { KeyWrapping } from '@daytona-auth/signing-keys/wrap'
import type { FastifyBaseLogger } from 'fastify'
import { ensureSigningKeys, type OpenedKeys, openSigningKeys, type SigningKeys } from './signing-keys.ts'

export interface RotationOptions<Built> {
  readonly database: Database
  readonly channel: Pick<Channel, 'subscribe'>
  readonly wrapping: KeyWrapping
  readonly pace: RotationPace
  readonly logger: Pick<FastifyBaseLogger, 'info' | 'error'>
  /** Makes what serves with these keys. Called again for each other set of them. */
  readonly build: (keys: SigningKeys) => Built
}

export interface Rotation<Built> {
  /** What was built from the keys of this moment. Ask each time. */
  readonly current: () => Built
  /** False once what this process signs with was removed: what it issues is accepted nowhere. */
  isKnown(): boolean
  close(): Promise<void>
}

/** After a failure: long enough not to fill a log, short enough that a rotation is hardly late. */
const RETRY_MS = 30_000
/** Somebody else takes the step that was due: how soon to look whether it is done. */
const OVERTAKEN_MS = 1000
/** A timer cannot be set for more than 24 days. */
const LONGEST_MS = 60 * 60_000

/**
 * Follows `signing_keys`: builds anew from each other set of them, and takes the steps of a rotation when they are due,
 * whichever process comes first. What was built before serves the requests that it has begun, and is then let go.
 * @throws StartupError when a key that signs cannot be opened; later on, the one before goes on signing
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
        logger.info({ keys: rows.map(({ kid, alg, status }) => ({ kid, alg, status })) }, 'signing keys taken up')
      }
      await advance(rows, serving.keys.unopened)
    }
  }

  /** Takes what is due, unless this process could not sign afterwards. */
  async function advance(rows: readonly SigningKeyRow[], unopened: readonly string[]): Promise<void> {
    if (unopened.length > 0) {
      return logger.error({ kids: unopened }, 'signing keys cannot be opened: SIGNING_KEYS_SECRET is not theirs')
    }
    const dueMs = nextStepMs(rows, pace)
    if (dueMs > 0) return wake(dueMs)
    const changes = await advanceSigningKeys(database, pace, 'provider')
    for (const { kid, alg, verb } of changes) logger.info({ kid, alg, verb }, 'signing key rotated')
    if (changes.length > 0) isOutdated = true
    else wake(OVERTAKEN_MS)
  }

  function wake(afterMs: number): void {
    clearTimeout(timer)
    if (isClosed || afterMs === Number.POSITIVE_INFINITY) return
    timer = setTimeout(refresh, Math.min(afterMs, LONGEST_MS)).unref()
  }

  function refresh(): void {
    isOutdated = true
    reading ??= read()
      .catch((err: unknown) => {
        logger.error({ err }, 'signing keys could not be read, those before go on')
        wake(RETRY_MS)
      })
      .finally(() => {
        reading = undefined
      })
  }

  await read()
  // What changed in between is read when the channel says that it hears: `reset`.
  const unsubscribe = channel.subscribe(({ kind }) => {
    if (kind === 'signing-keys' || kind === 'reset') refresh()
  })

  return {
    current() {
      if (!serving) throw new Error('a rotation that was begun has read its keys')
      return serving.built
    },
    isKnown: () => serving?.keys.privateJwks.every(({ kid }) => kid !== undefined && published.has(kid)) ?? false,
    async close() {
      isClosed = true
      unsubscribe()
      clearTimeout(timer)
      await reading
    },
  }
}

/** How long until the first step is due; Infinity where none will be. */
function nextStepMs(rows: readonly SigningKeyRow[], pace: RotationPace): number {
  const due = rows.map(({ status, ageSeconds }) => {
    if (status === 'next') return pace.promoteAfterSeconds - ageSeconds
    return status === 'retired' ? pace.removeAfterSeconds - ageSeconds : Number.POSITIVE_INFINITY
  })
  return 1000 * Math.min(Number.POSITIVE_INFINITY, ...due)
}
