import { Denial } from '@daytona-auth/service'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * The parameters of an authorization request. So a client secret that an app sends by mistake never gets into a URL.
 */
export const AUTHORIZATION_PARAMETERS: ReadonlySet<string> = new Set([
  'acr_values',
  'claims',
  'claims_locales',
  'client_id',
  'code_challenge',
  'code_challenge_method',
  'display',
  'dpop_jkt',
  'id_token_hint',
  'login_hint',
  'max_age',
  'nonce',
  'prompt',
  'redirect_uri',
  'registration',
  'request',
  'request_uri',
  'resource',
  'response_mode',
  'response_type',
  'scope',
  'state',
  'ui_locales',
])

export const LOGOUT_PARAMETERS: ReadonlySet<string> = new Set([
  'id_token_hint',
  'logout_hint',
  'client_id',
  'post_logout_redirect_uri',
  'state',
  'ui_locales',
])

/**
 * Redirects a POST to a GET of the same parameters. OIDC Core §3.1.2.1 and RP-Initiated Logout §2 require both methods.
 * A cross-site POST comes without our `SameSite=Lax` cookies; after the redirect the browser sends them. The library's
 * own POST would require `SameSite=None`.
 */
export function postToGet(path: string, parameters: ReadonlySet<string>) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    if (!(request.body instanceof URLSearchParams)) throw new Denial(415, 'Body must be a form')
    // A repeated parameter stays repeated, so that the library refuses it.
    const known = [...request.body].filter(([name]) => parameters.has(name))
    return reply.header('cache-control', 'no-store').redirect(`${path}?${new URLSearchParams(known)}`, 303)
  }
}
