import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { Counter, type Registry } from 'prom-client'
import type { RevocationReason } from './storage/grant-revocation.ts'

/**
 * The metrics of protocol requests. Labels come from the lists below, never from a request.
 */
export interface ProviderMetrics {
  /** Counts ended grants, and replays even if their grant had already ended. */
  countEndedGrants(reason: RevocationReason, grants: number): void
  /** Counts what a provider issues and refuses. Call it for each provider of this process. */
  observeProvider(provider: Provider): void
  countLogoutDelivery(result: (typeof LOGOUT_RESULTS)[number]): void
}

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
  'account_selection_required',
  'invalid_redirect_uri',
  'unsupported_response_type',
  'invalid_request_uri',
  'request_uri_not_supported',
  'temporarily_unavailable',
  'server_error',
  'authorization_pending',
  'slow_down',
  'expired_token',
])

const LOGOUT_RESULTS = ['delivered', 'failed', 'given_up', 'withdrawn'] as const

const REPLAYS: Partial<Record<RevocationReason, string>> = {
  'code replayed': 'code',
  'refresh token reused': 'refresh_token',
}

export function createProviderMetrics(registry: Registry): ProviderMetrics {
  const registers = [registry]
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
  const logouts = new Counter({
    name: 'oauth_backchannel_logouts_total',
    help: 'Attempts to deliver a logout token to an app, by result',
    labelNames: ['result'],
    registers,
  })
  // Initialized to 0: a series that appears with its first event shows no rise to alert on.
  for (const credential of Object.values(REPLAYS)) replays.inc({ credential }, 0)
  for (const result of LOGOUT_RESULTS) logouts.inc({ result }, 0)

  return {
    countEndedGrants(reason, grants) {
      ended.inc({ reason: labelOf(reason) }, grants)
      const credential = REPLAYS[reason]
      if (credential) replays.inc({ credential })
    },
    countLogoutDelivery: (result) => logouts.inc({ result }),
    observeProvider(provider) {
      provider.on('grant.success', (ctx) => issued.inc({ grant_type: grantTypeOf(ctx), client: clientKindOf(ctx) }))
      provider.on('grant.error', (ctx, { error }) =>
        refused.inc({ grant_type: grantTypeOf(ctx), error: errorOf(error) }),
      )
      provider.on('authorization.success', () => authorizations.inc({ result: 'granted' }))
      provider.on('authorization.error', (_ctx, { error }) => authorizations.inc({ result: errorOf(error) }))
      provider.on('server_error', () => faults.inc())
    },
  }
}

const labelOf = (words: string): string => words.replaceAll(' ', '_')

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
