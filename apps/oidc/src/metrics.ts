import { PasswordCheckOverloaded } from '@daytona-auth/accounts/password-checker'
import { HashingOverloaded, type PasswordHasher } from '@daytona-auth/accounts/password-hashing'
import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { RevocationReason } from './provider/storage/grant-revocation.ts'

/** What this part tells of itself besides requests and verifications. Labels come from the lists below, never from a request. */
export interface ProviderMetrics {
  /** Counts how an attempt ends, and hands it on. */
  attempt<Outcome extends { readonly kind: AttemptResult }>(
    what: 'sign-in' | 'sign-up',
    outcome: Promise<Outcome>,
  ): Promise<Outcome>
  /** A grant was ended, or of a replay: was to be. */
  killed(reason: RevocationReason, grants: number): void
  /** Follows what the provider issues and refuses. Of each provider of this process. */
  watch(provider: Provider): void
  watchHashing(hasher: Pick<PasswordHasher, 'line'>): void
  /** A password was hashed, in milliseconds without the wait. */
  hashed(ms: number): void
}

export type AttemptResult = 'signed-in' | 'signed-up' | 'wrong' | 'too-many'

const GRANT_TYPES: Readonly<Record<string, string>> = {
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code': 'device_code',
}

/** The codes of RFC 6749, OpenID Connect Core and their extensions that this provider can answer. */
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

/** One password takes about 15 ms of a processor that is not shared. */
const HASHING_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

export function providerMetrics(registry: Registry): ProviderMetrics {
  const registers = [registry]
  const attempts = {
    'sign-in': new Counter({
      name: 'sign_ins_total',
      help: 'Attempts to sign in with a password, by how they ended',
      labelNames: ['result'],
      registers,
    }),
    'sign-up': new Counter({
      name: 'sign_ups_total',
      help: 'Attempts to sign up, by how they ended',
      labelNames: ['result'],
      registers,
    }),
  }
  const issued = new Counter({
    name: 'oauth_token_responses_total',
    help: 'Token requests that were answered with tokens',
    labelNames: ['grant_type', 'client'],
    registers,
  })
  const refused = new Counter({
    name: 'oauth_token_refusals_total',
    help: 'Token requests that were refused, by the error of RFC 6749',
    labelNames: ['grant_type', 'error'],
    registers,
  })
  const authorizations = new Counter({
    name: 'oauth_authorizations_total',
    help: 'Authorizations that ended, granted or with an error of RFC 6749',
    labelNames: ['result'],
    registers,
  })
  const faults = new Counter({
    name: 'oauth_server_errors_total',
    help: 'Faults while the provider served a request, a database that is away included',
    registers,
  })
  const ended = new Counter({
    name: 'oauth_grants_ended_total',
    help: 'Grants that were ended before their time, by why',
    labelNames: ['reason'],
    registers,
  })
  const replays = new Counter({
    name: 'oauth_replays_total',
    help: 'Codes and refresh tokens presented again: somebody else may have a copy',
    labelNames: ['credential'],
    registers,
  })
  // There from the start: what appears with its first event has no rise to alert on.
  for (const credential of Object.values(REPLAYS)) replays.inc({ credential }, 0)
  const hashing = new Histogram({
    name: 'password_hashing_seconds',
    help: 'Time that a password took to hash, without the wait for it',
    buckets: HASHING_SECONDS,
    registers,
  })

  return {
    async attempt(what, outcome) {
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
    killed(reason, grants) {
      ended.inc({ reason: labelOf(reason) }, grants)
      const credential = REPLAYS[reason]
      if (credential) replays.inc({ credential })
    },
    watch(provider) {
      provider.on('grant.success', (ctx) => issued.inc({ grant_type: grantTypeOf(ctx), client: clientKindOf(ctx) }))
      provider.on('grant.error', (ctx, { error }) =>
        refused.inc({ grant_type: grantTypeOf(ctx), error: errorOf(error) }),
      )
      provider.on('authorization.success', () => authorizations.inc({ result: 'granted' }))
      provider.on('authorization.error', (_ctx, { error }) => authorizations.inc({ result: errorOf(error) }))
      provider.on('server_error', () => faults.inc())
    },
    watchHashing: (hasher) => hashingLine(registry, hasher),
    hashed: (ms) => hashing.observe(ms / 1000),
  }
}

function hashingLine(registry: Registry, { line }: Pick<PasswordHasher, 'line'>): void {
  const registers = [registry]
  new Gauge({
    name: 'password_hashing_passwords',
    help: 'Passwords that are being hashed and that wait for it',
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
    help: 'Passwords that were not hashed because too many were waiting',
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
