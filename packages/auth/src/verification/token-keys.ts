import type { Channel } from '@daytona-auth/db/core'
import { listSigningKeyFacts } from '@daytona-auth/db/principals'
import type { FastifyBaseLogger } from 'fastify'
import type { Reader } from './database-reader.ts'
import { type TokenRules, type VerifySignature, verifySignatures } from './token-signatures.ts'

export interface TokenKeysOptions extends TokenRules {
  readonly reader: Reader
  readonly channel: Pick<Channel, 'subscribe' | 'isFresh'>
  readonly logger: Pick<FastifyBaseLogger, 'warn' | 'info'>
  /** A monotonic clock in milliseconds. */
  readonly now: () => number
  /** The least time between two reads that an unknown `kid` causes, in milliseconds. */
  readonly rereadMs: number
}

/** The keys of `signing_keys`, read again after each notification. */
export interface TokenKeys {
  /** Returns the signature check of this key, reading the keys again if it is unknown. `undefined`: there is none. */
  verifierFor(kid: string): VerifySignature | undefined | Promise<VerifySignature | undefined>
  isLoaded(): boolean
  /** Whether the last read succeeded and no change can have been missed since: a key that is not found does not exist. */
  isCurrent(): boolean
  /** Resolves after the attempt to read the keys, successful or not. */
  load(): Promise<void>
  close(): void
}

/**
 * Follows the token keys of the database. A token's `kid` selects one of them; its `jwk`, `jku` and `x5u` are never read. A
 * process starts without keys, because the provider that creates the first ones may start later.
 */
export function tokenKeys({ reader, channel, logger, now, rereadMs, ...rules }: TokenKeysOptions): TokenKeys {
  let kids: ReadonlySet<string> = new Set()
  let loaded: string | undefined
  let verify: VerifySignature | undefined
  let reading: Promise<void> | undefined
  let isOutdated = true
  let readAt = Number.NEGATIVE_INFINITY

  const unsubscribe = channel.subscribe(({ kind }) => {
    if (kind !== 'signing-keys' && kind !== 'reset') return
    isOutdated = true
    void load()
  })

  async function read(): Promise<void> {
    try {
      while (isOutdated) {
        isOutdated = false
        readAt = now()
        const keys = await reader.read(listSigningKeyFacts)
        // Startup reads twice: at `load` and at the channel's first event. The second result is usually the same.
        const found = JSON.stringify(keys)
        if (found === loaded) continue
        const next = await verifySignatures(keys, rules)
        kids = new Set(keys.map(({ kid }) => kid))
        verify = next
        loaded = found
        logger.info({ kids: [...kids] }, 'token keys loaded')
      }
    } catch (error) {
      isOutdated = true
      logger.warn({ err: error }, 'token keys could not be loaded')
    }
  }

  function load(): Promise<void> {
    // Cleared in a later turn: a read that finds nothing to do ends before it is assigned here.
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  return {
    verifierFor(kid) {
      if (kids.has(kid)) return verify
      if (!reading && now() - readAt < rereadMs) return undefined
      isOutdated ||= !reading
      return load().then(() => (kids.has(kid) ? verify : undefined))
    },
    isLoaded: () => verify !== undefined,
    isCurrent: () => !isOutdated && channel.isFresh(),
    load,
    close: unsubscribe,
  }
}
