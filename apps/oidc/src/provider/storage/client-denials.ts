import {
  CLIENT_DENIAL_REASONS,
  type ClientDenial,
  type ClientDenialReason,
  MAX_DENIALS,
} from '@daytona-auth/db/clients'
import type Provider from 'oidc-provider'
import type { errors } from 'oidc-provider'
import { AttemptsInMemory, createAttemptLimit } from '../../limits/attempt-limit.ts'

/** Counts the refused requests of each client in memory, for the people who set it up. */
export interface ClientDenials {
  /** Counts the denials of a provider. Call it for each provider of this process. */
  observeProvider(provider: Provider): void
  /** Writes the counts. Those of a failed write are kept for the next flush. */
  flush(): Promise<void>
}

export interface ClientDenialOptions {
  readonly write: (denials: readonly ClientDenial[]) => Promise<void>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Clients between two flushes. Those of further clients are not counted. */
const MAX_CLIENTS = 1000
/** Denials of one address that are counted in a minute. Anyone can send requests with a client's id. */
const PER_ADDRESS = 30
const MINUTE_MS = 60_000
const MAX_URI_CHARS = 512

const REASONS: ReadonlySet<string> = new Set(CLIENT_DENIAL_REASONS)

const isCounted = (error: string): error is ClientDenialReason => REASONS.has(error)

export function createClientDenials({ write, now }: ClientDenialOptions): ClientDenials {
  const limit = createAttemptLimit(new AttemptsInMemory({ limit: PER_ADDRESS, windowMs: MINUTE_MS, now }))
  let counted = new Map<string, Map<string, ClientDenial>>()

  function add(denial: ClientDenial): void {
    const { clientId, reason, redirectUri } = denial
    let ofClient = counted.get(clientId)
    if (ofClient === undefined) {
      if (counted.size >= MAX_CLIENTS) return
      ofClient = new Map()
      counted.set(clientId, ofClient)
    }
    const name = `${reason} ${redirectUri}`
    const before = ofClient.get(name)
    if (before) ofClient.set(name, merge(before, denial))
    else if (ofClient.size < MAX_DENIALS) ofClient.set(name, denial)
  }

  async function count(address: string, clientId: string, reason: ClientDenialReason, sent: unknown): Promise<void> {
    if ((await limit.take(address)) !== undefined) return
    const redirectUri = reason === 'invalid_redirect_uri' ? storableUri(sent) : ''
    const at = new Date(now())
    add({ clientId, reason, redirectUri, count: 1, firstAt: at, lastAt: at })
  }

  return {
    observeProvider(provider) {
      for (const event of ['authorization', 'pushed_authorization_request', 'device_authorization', 'grant'] as const) {
        // The events share one signature, which a union of their names loses.
        provider.on(`${event}.error` as 'grant.error', (ctx, { error }: errors.OIDCProviderError) => {
          const { client, params } = ctx.oidc ?? {}
          if (!client || client['first_party'] === true || !isCounted(error)) return
          void count(ctx.ip, client.clientId, error, params?.['redirect_uri'] ?? ctx.query['redirect_uri'])
        })
      }
    },
    async flush() {
      if (counted.size === 0) return
      const batch = counted
      counted = new Map()
      const denials = [...batch.values()].flatMap((ofClient) => [...ofClient.values()])
      try {
        await write(denials)
      } catch (error) {
        for (const denial of denials) add(denial)
        throw error
      }
    },
  }
}

const merge = (one: ClientDenial, other: ClientDenial): ClientDenial => ({
  ...one,
  count: one.count + other.count,
  firstAt: new Date(Math.min(one.firstAt.getTime(), other.firstAt.getTime())),
  lastAt: new Date(Math.max(one.lastAt.getTime(), other.lastAt.getTime())),
})

/**
 * Returns what is stored of a refused redirect URI: without user, query and fragment, which may contain secrets. Empty for a
 * text that is no hierarchical URI, or is longer than a registered one needs to be.
 */
export function storableUri(sent: unknown): string {
  if (typeof sent !== 'string' || sent.length > MAX_URI_CHARS) return ''
  const url = URL.parse(sent)
  return url && url.host !== '' ? `${url.protocol}//${url.host}${url.pathname}` : ''
}
