import { decodeJwt } from 'jose'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { ROUTES } from '../endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'
import type { ClientDirectory } from '../storage/clients.ts'
import type { ResourceServerDirectory } from '../storage/resource-servers.ts'
import { canonicalizeResource, selectAllowedScope } from './authorization-parameters.ts'
import { reduceClaims } from './claims-parameter.ts'
import { needsConsentPrompt } from './prompt.ts'

export interface RequestRules {
  readonly clients: Pick<ClientDirectory, 'find'>
  readonly resourceServers: ResourceServerDirectory
  readonly audience: string
}

/** Normalizes the query of an authorization request for the library. */
export function normalizeAuthorizations(rules: RequestRules): Middleware {
  const { clients, audience } = rules
  return async (ctx, next) => {
    // Only the client and the reference of a pushed request count (RFC 9126 §4): it was normalized when it was pushed.
    if (ctx.path !== ROUTES.authorization || ctx.query['request_uri'] !== undefined) return next()
    // Of a signed request only the signed parameters count, which cannot be changed: see `checkRequestObject`.
    if (ctx.query['request'] !== undefined) return next()
    const { scope, resource, client_id: clientId } = ctx.query
    const client = typeof clientId === 'string' ? await clients.find(clientId, ctx.ip, 'authorization') : undefined
    const query = { ...ctx.query }
    if (typeof resource === 'string') query['resource'] = canonicalizeResource(resource, audience)
    // The library refuses a repeated parameter.
    if (client && !Array.isArray(scope)) {
      const asked = reduceRequest({ scope, claims: query['claims'] })
      if (asked.claims === undefined) delete query['claims']
      else query['claims'] = asked.claims
      const allowed = selectAllowedScope(asked.scope, client, await scopesOf(ctx, query['resource'], rules))
      if (allowed !== undefined) query['scope'] = allowed
    }
    ctx.query = query
    await next()
  }
}

/** The parameters of an authorization request that name claims. */
interface ClaimParameters<Claims> {
  readonly scope: string | undefined
  readonly claims: Claims | undefined
}

/** Adds the scopes of the requested claims to those of an OpenID request. Anything that the library refuses stays. */
export function reduceRequest<Claims>({ scope, claims }: ClaimParameters<Claims>): ClaimParameters<Claims | string> {
  const scopes = scope?.split(' ').filter((one) => one !== '') ?? []
  // A request without scopes gets all identity scopes of the app.
  const isOpenid = scopes.length === 0 || scopes.includes('openid')
  const reduced = typeof claims === 'string' && isOpenid ? reduceClaims(claims) : undefined
  if (!reduced) return { scope, claims }
  const all = [...new Set([...scopes, ...reduced.scopes])].join(' ')
  return { scope: scopes.length === 0 ? scope : all, claims: reduced.claims }
}

/** Returns the scopes of a requested API that is not our own; `undefined` for our own, and for one that is not found. */
export async function scopesOf(
  ctx: KoaContextWithOIDC,
  resource: string | string[] | null | undefined,
  { resourceServers, audience }: Omit<RequestRules, 'clients'>,
): Promise<readonly string[] | undefined> {
  if (typeof resource !== 'string' || resource === audience) return undefined
  return (await resourceServers.find(ctx, resource))?.scopes.map(({ name }) => name)
}

/** Where clients send forms with their own authentication. */
const CLIENT_ROUTES: ReadonlySet<string> = new Set([
  ROUTES.token,
  ROUTES.revocation,
  ROUTES.device_authorization,
  ROUTES.pushed_authorization_request,
])

/**
 * Normalizes the forms of clients for the library, which takes them as `body` of the request. Here and not before the
 * library is called: it reads clients, and the time limit of `translateFaults` covers that.
 */
export function normalizeClientRequests(rules: RequestRules): Middleware {
  return async (ctx, next) => {
    const { req: raw } = ctx
    const form = 'body' in raw ? raw.body : undefined
    if (CLIENT_ROUTES.has(ctx.path) && typeof form === 'string') {
      const given = { form, authorization: raw.headers.authorization, address: ctx.ip }
      const kind = KINDS[ctx.path] ?? 'other'
      const normal = await normalizeClientRequest(ctx, given, { ...rules, kind })
      if (normal.authorization === undefined) delete raw.headers.authorization
      Object.assign(raw, { body: normal.form })
    }
    await next()
  }
}

/** Requests that begin an authorization: their scopes are those of an authorization request. */
type RequestKind = 'device' | 'pushed' | 'other'
const KINDS: Readonly<Record<string, RequestKind>> = {
  [ROUTES.device_authorization]: 'device',
  [ROUTES.pushed_authorization_request]: 'pushed',
}

/** A request that a client sends directly: its form and its `Authorization` header. */
export interface ClientRequest {
  readonly form: string
  readonly authorization: string | undefined
  /** The client's IP address. */
  readonly address: string
}

/**
 * Normalizes the form of a client's request for the library:
 * - the resource as registered;
 * - the scopes and claims of a device authorization or a pushed request as those of an authorization, and the prompt of the
 *   latter;
 * - Basic authentication with an empty secret as a public client's id. oidc-agent, golang.org/x/oauth2 and
 *   requests-oauthlib send it. A confidential client's empty secret stays, and is refused.
 */
async function normalizeClientRequest(
  ctx: KoaContextWithOIDC,
  { form, authorization, address }: ClientRequest,
  { kind, ...rules }: RequestRules & { readonly kind: RequestKind },
): Promise<Omit<ClientRequest, 'address'>> {
  const { clients, audience } = rules
  // Most token requests need no change, and are not parsed once more. Behind a `%` may be the name of a parameter.
  if (authorization === undefined && kind === 'other' && !/resource|%/.test(form)) return { form, authorization }

  const parameters = new URLSearchParams(form)
  let isChanged = false
  const set = (name: string, value: string) => {
    if (parameters.get(name) === value) return
    parameters.set(name, value)
    isChanged = true
  }

  const [resource, ...others] = parameters.getAll('resource')
  if (resource !== undefined && others.length === 0) set('resource', canonicalizeResource(resource, audience))

  let header = authorization
  const basic = readBasic(authorization)
  const given = parameters.get('client_id')
  if (
    basic?.hasSecret === false &&
    (given === null || given === basic.clientId) &&
    (await isPublic(clients, basic.clientId, address))
  ) {
    header = undefined
    set('client_id', basic.clientId)
  }

  if (kind !== 'other' && parameters.getAll('scope').length <= 1) {
    const clientId = parameters.get('client_id') ?? basic?.clientId ?? subjectOf(parameters.get('client_assertion'))
    const use = kind === 'pushed' ? 'authorization' : undefined
    const client = clientId ? await clients.find(clientId, address, use) : undefined
    const target = others.length === 0 ? parameters.get('resource') : undefined
    const scopes = client && (await scopesOf(ctx, target, rules))
    const [claims, ...moreClaims] = parameters.getAll('claims')
    const request = reduceRequest({
      scope: parameters.get('scope') ?? undefined,
      claims: moreClaims.length === 0 ? claims : undefined,
    })
    if (moreClaims.length === 0 && request.claims !== undefined) set('claims', request.claims)
    else if (moreClaims.length === 0 && claims !== undefined) {
      parameters.delete('claims')
      isChanged = true
    }
    const scope = client && selectAllowedScope(request.scope, client, scopes)
    if (scope !== undefined) set('scope', scope)
    const asked = { scope: parameters.get('scope') ?? undefined, prompt: parameters.get('prompt') ?? undefined }
    if (client && kind === 'pushed' && needsConsentPrompt(asked, client)) set('prompt', 'consent')
  }
  return { form: isChanged ? parameters.toString() : form, authorization: header }
}

const isPublic = async (clients: RequestRules['clients'], id: string, address: string): Promise<boolean> =>
  (await clients.find(id, address))?.token_endpoint_auth_method === 'none'

/** Reads Basic authentication (RFC 6749 §2.3.1). Undefined if there is none that the library would accept. */
function readBasic(
  authorization: string | undefined,
): { readonly clientId: string; readonly hasSecret: boolean } | undefined {
  const [, credentials] = /^basic ([A-Za-z0-9+/]{2,1000}={0,2})$/i.exec(authorization ?? '') ?? []
  const text = credentials ? Buffer.from(credentials, 'base64').toString('utf8') : ''
  const end = text.indexOf(':')
  if (end === -1) return undefined
  try {
    return { clientId: decodeURIComponent(text.slice(0, end).replaceAll('+', '%20')), hasSecret: end < text.length - 1 }
  } catch {
    return undefined
  }
}

/** Returns the client id of an assertion (RFC 7523 §3), unverified: the library verifies it after this. */
function subjectOf(assertion: string | null): string | undefined {
  try {
    return assertion === null ? undefined : decodeJwt(assertion).sub
  } catch {
    return undefined
  }
}
