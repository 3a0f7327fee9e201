import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider'
import { FAPI_ALGORITHMS, isFapi } from '../policy/policy.ts'
import { canonicalizeResource, selectAllowedScope } from './authorization-parameters.ts'
import { type RequestRules, reduceRequest, scopesOf } from './client-requests.ts'

/** A request object is used at once, or pushed. */
const MAX_SECONDS = 3600

/** The types that the header of a request object may state (RFC 9101 §10.8). */
const TYPES: ReadonlySet<unknown> = new Set([
  undefined,
  'oauth-authz-req+jwt',
  'application/oauth-authz-req+jwt',
  'JWT',
])

export interface RequestObjectRules extends Omit<RequestRules, 'clients'> {
  /** Seconds since the epoch. */
  readonly now: () => number
}

interface RequestObject {
  readonly [member: string]: unknown
}

/**
 * Creates the check of request objects (RFC 9101) beside that of the library, which compares `iss` with the client and `aud`
 * with the issuer, and verifies the signature afterwards. Refused are:
 * - one that does not expire within an hour, is valid for longer, or could be taken for another kind of token;
 * - of an app with the FAPI 2.0 profile, one without `nbf`, or signed with an algorithm that the profile does not allow (FAPI 2.0
 *   Message Signing §5.3.1);
 * - parameters that are normalized in an unsigned request: signed ones cannot be changed. So scopes have to be registered, and
 *   claims about a person are requested by scopes.
 * @throws InvalidRequestObject, RequestNotSupported
 */
export function createRequestObjectCheck(rules: RequestObjectRules) {
  const { audience, now } = rules
  return async (
    ctx: KoaContextWithOIDC,
    object: RequestObject,
    header: RequestObject,
    client: Client,
  ): Promise<void> => {
    // The library keeps a pushed request in this form, which was normalized when it was pushed.
    if (ctx.oidc.entities.PushedAuthorizationRequest) return
    if (ctx.oidc.route === 'device_authorization') throw new errors.RequestNotSupported()
    const refuse = (why: string): never => {
      throw new errors.InvalidRequestObject(why)
    }
    const { exp, nbf, sub, scope, resource, claims } = object
    const end = now() + MAX_SECONDS
    if (typeof exp !== 'number' || exp > end) refuse('exp of the request object must be within an hour')
    if (typeof nbf === 'number' && nbf < now() - MAX_SECONDS)
      refuse('nbf of the request object is more than an hour ago')
    if (typeof nbf === 'number' && typeof exp === 'number' && exp - nbf > MAX_SECONDS)
      refuse('the request object is valid for more than an hour')
    if (isFapi(client)) {
      if (typeof nbf !== 'number') refuse('nbf of the request object is required')
      if (!FAPI_ALGORITHMS.has(header['alg'])) refuse('alg of the request object is not one of FAPI 2.0')
    }
    if (!TYPES.has(header['typ'])) refuse('typ of the request object is that of another token')
    // A client assertion of the same keys has it (RFC 9101 §4).
    if (sub === client.clientId) refuse('sub of the request object must not be the client')

    if (typeof resource === 'string' && canonicalizeResource(resource, audience) !== resource) {
      refuse('resource of the request object is not in the registered form')
    }
    if (scope !== undefined && typeof scope !== 'string') refuse('scope of the request object must be text')
    const sent = typeof scope === 'string' ? scope : undefined
    const text = claims === undefined || typeof claims === 'string' ? claims : JSON.stringify(claims)
    const reduced = reduceRequest({ scope: sent, claims: text })
    if (!isSameJson(reduced.claims, text)) {
      refuse('claims of the request object may have sub and acr of the id_token only: request others by scope')
    }
    const target = typeof resource === 'string' ? resource : undefined
    if (selectAllowedScope(reduced.scope, client, await scopesOf(ctx, target, rules)) !== sent) {
      refuse('scope of the request object has one that the app is not registered for, or none')
    }
  }
}

/** Whether two texts are the same JSON, or both are absent. */
function isSameJson(one: unknown, other: string | undefined): boolean {
  if (one === other) return true
  try {
    return JSON.stringify(JSON.parse(String(one))) === JSON.stringify(JSON.parse(String(other)))
  } catch {
    return false
  }
}
