import { PasswordCheckOverloaded } from '@daytona-auth/accounts/password-checker'
import { HashingOverloaded, type PasswordHasher } from '@daytona-auth/accounts/password-hashing'
import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { RevocationReason } from './provider/storage/grant-revocation.ts'

/**
 * The provider's metrics, besides requests and verifications. Labels come from the lists below, never from a request.
 */
export interface ProviderMetrics {
  /** Counts an attempt by its result, and returns the outcome. */
  countAttempt<Outcome extends { readonly kind: AttemptResult }>(
    what: 'sign-in' | 'sign-up',
    outcome: Promise<Outcome>,
  ): Promise<Outcome>
  /** Counts ended grants, and replays even if their grant had already ended. */
  countEndedGrants(reason: RevocationReason, grants: number): void
  /** Counts what a provider issues and refuses. Call it for each provider of this process. */
  observeProvider(provider: Provider): void
  observeHasher(hasher: Pick<PasswordHasher, 'line'>): void
  /** Records the time to hash a password, in milliseconds without the wait. */
  recordHashingTime(ms: number): void
}

export type AttemptResult = 'signed-in' | 'signed-up' | 'wrong' | 'too-many'

const GRANT_TYPES: Readonly<Record<string, string>> = {
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code': 'device_code',
}

/** The error codes of RFC 6749, OpenID Connect Core and their extensions that this provider can send. */
const ERRORS = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
  'access_denied',
  'login_required',
  'consent_required',
  'interaction_required',
  'invalid_redirect_uri',
  'unsupported_response_type',
  'temporarily_unavailable',
  'server_error',
  'authorization_pending',
  'slow_down',
  'expired_token',
])

const REPLAYS: Partial<Record<RevocationReason, string>> = {
  'code replayed': 'code',
  'refresh token reused': 'refresh_token',
}

/** Buckets in seconds: one password takes about 15 ms of a dedicated CPU. */
const HASHING_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

export function createProviderMetrics(registry: Registry): ProviderMetrics {
  const registers = [registry]
  const attempts = {
    'sign-in': new Counter({
      name: 'sign_ins_total',
      help: 'Attempts to sign in with a password, by result',
      labelNames: ['result'],
      registers,
    }),
    'sign-up': new Counter({
      name: 'sign_ups_total',
      help: 'Attempts to sign up, by result',
      labelNames: ['result'],
      registers,
    }),
  }
  const issued = new Counter({
    name: 'oauth_token_responses_total',
    help: 'Token requests that issued tokens',
    labelNames: ['grant_type', 'client'],
    registers,
  })
  const refused = new Counter({
    name: 'oauth_token_refusals_total',
    help: 'Token requests that were refused, by RFC 6749 error',
    labelNames: ['grant_type', 'error'],
    registers,
  })
  const authorizations = new Counter({
    name: 'oauth_authorizations_total',
    help: 'Completed authorizations, granted or with an RFC 6749 error',
    labelNames: ['result'],
    registers,
  })
  const faults = new Counter({
    name: 'oauth_server_errors_total',
    help: 'Server errors in protocol requests, including an unreachable database',
    registers,
  })
  const ended = new Counter({
    name: 'oauth_grants_ended_total',
    help: 'Grants ended before their expiry, by reason',
    labelNames: ['reason'],
    registers,
  })
  const replays = new Counter({
    name: 'oauth_replays_total',
    help: 'Codes and refresh tokens presented again: they may have been copied',
    labelNames: ['credential'],
    registers,
  })
  // Initialized to 0: a series that appears with its first event shows no rise to alert on.
  for (const credential of Object.values(REPLAYS)) replays.inc({ credential }, 0)
  const hashing = new Histogram({
    name: 'password_hashing_seconds',
    help: 'Time to hash a password, without the wait in the queue',
    buckets: HASHING_SECONDS,
    registers,
  })

  return {
    async countAttempt(what, outcome) {
      const counter = attempts[what]
      try {
        const settled = await outcome
        counter.inc({ result: labelOf(settled.kind) })
        return settled
      } catch (error) {
        const isOverload = error instanceof HashingOverloaded || error instanceof PasswordCheckOverloaded
        counter.inc({ result: isOverload ? 'overloaded' : 'failed' })
        throw error
      }
    },
    countEndedGrants(reason, grants) {
      ended.inc({ reason: labelOf(reason) }, grants)
      const credential = REPLAYS[reason]
      if (credential) replays.inc({ credential })
    },
    observeProvider(provider) {
      provider.on('grant.success', (ctx) => issued.inc({ grant_type: grantTypeOf(ctx), client: clientKindOf(ctx) }))
      provider.on('grant.error', (ctx, { error }) =>
        refused.inc({ grant_type: grantTypeOf(ctx), error: errorOf(error) }),
      )
      provider.on('authorization.success', () => authorizations.inc({ result: 'granted' }))
      provider.on('authorization.error', (_ctx, { error }) => authorizations.inc({ result: errorOf(error) }))
      provider.on('server_error', () => faults.inc())
    },
    observeHasher: (hasher) => registerHashingQueue(registry, hasher),
    recordHashingTime: (ms) => hashing.observe(ms / 1000),
  }
}

function registerHashingQueue(registry: Registry, { line }: Pick<PasswordHasher, 'line'>): void {
  const registers = [registry]
  new Gauge({
    name: 'password_hashing_passwords',
    help: 'Passwords being hashed, and passwords waiting',
    labelNames: ['state'],
    registers,
    collect() {
      const { running, waiting } = line()
      this.set({ state: 'running' }, running)
      this.set({ state: 'waiting' }, waiting)
    },
  })
  new Counter({
    name: 'password_hashing_refusals_total',
    help: 'Passwords not hashed because the queue was full',
    registers,
    collect() {
      this.reset()
      this.inc(line().refused)
    },
  })
}

const labelOf = (words: string): string => words.replaceAll(/[ -]/g, '_')

const errorOf = (error: string): string => (ERRORS.has(error) ? error : 'other')

const grantTypeOf = ({ oidc }: KoaContextWithOIDC): string =>
  GRANT_TYPES[String(oidc?.params?.['grant_type'])] ?? 'other'

function clientKindOf({ oidc }: KoaContextWithOIDC): string {
  const { client } = oidc
  if (client === undefined) return 'none'
  if (client['first_party'] === true) return 'first_party'
  if (client.applicationType === 'native') return 'native'
  return client.clientAuthMethod === 'none' ? 'spa' : 'web'
}
