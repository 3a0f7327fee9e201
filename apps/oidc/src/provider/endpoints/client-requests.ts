import { ROUTES } from '../endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'
import type { ClientDirectory } from '../storage/clients.ts'
import { canonicalizeResource, selectAllowedScope } from './authorization-parameters.ts'

export interface RequestRules {
  readonly clients: Pick<ClientDirectory, 'find'>
  readonly audience: string
}

/** Normalizes the query of an authorization request for the library. */
export function normalizeAuthorizations({ clients, audience }: RequestRules): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== ROUTES.authorization) return next()
    const { scope, resource, client_id: clientId } = ctx.query
    const client = typeof clientId === 'string' ? await clients.find(clientId, ctx.ip) : undefined
    const query = { ...ctx.query }
    // The library refuses a repeated parameter.
    if (client && !Array.isArray(scope)) {
      const allowed = selectAllowedScope(scope, client)
      if (allowed !== undefined) query['scope'] = allowed
    }
    if (typeof resource === 'string') query['resource'] = canonicalizeResource(resource, audience)
    ctx.query = query
    await next()
  }
}

/** Where clients send forms with their own authentication. */
const CLIENT_ROUTES: ReadonlySet<string> = new Set([ROUTES.token, ROUTES.revocation, ROUTES.device_authorization])

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
      const isDeviceAuthorization = ctx.path === ROUTES.device_authorization
      const normal = await normalizeClientRequest(given, { ...rules, isDeviceAuthorization })
      if (normal.authorization === undefined) delete raw.headers.authorization
      Object.assign(raw, { body: normal.form })
    }
    await next()
  }
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
 * - the scopes of a device authorization as those of an authorization;
 * - Basic authentication with an empty secret as a public client's id. oidc-agent, golang.org/x/oauth2 and
 *   requests-oauthlib send it. A confidential client's empty secret stays, and is refused.
 */
async function normalizeClientRequest(
  { form, authorization, address }: ClientRequest,
  { clients, audience, isDeviceAuthorization }: RequestRules & { readonly isDeviceAuthorization: boolean },
): Promise<Omit<ClientRequest, 'address'>> {
  // Most token requests need no change, and are not parsed once more. Behind a `%` may be the name of a parameter.
  if (authorization === undefined && !isDeviceAuthorization && !/resource|%/.test(form)) return { form, authorization }

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
  const named = clientWithoutSecret(authorization)
  const given = parameters.get('client_id')
  if (named !== undefined && (given === null || given === named) && (await isPublic(clients, named, address))) {
    header = undefined
    set('client_id', named)
  }

  if (isDeviceAuthorization && parameters.getAll('scope').length <= 1) {
    const clientId = parameters.get('client_id') ?? named
    const client = clientId ? await clients.find(clientId, address) : undefined
    const scope = client && selectAllowedScope(parameters.get('scope') ?? undefined, client)
    if (scope !== undefined) set('scope', scope)
  }
  return { form: isChanged ? parameters.toString() : form, authorization: header }
}

const isPublic = async (clients: RequestRules['clients'], id: string, address: string): Promise<boolean> =>
  (await clients.find(id, address))?.token_endpoint_auth_method === 'none'

/** Returns the client id of Basic authentication with an empty secret (RFC 6749 §2.3.1); undefined otherwise. */
function clientWithoutSecret(authorization: string | undefined): string | undefined {
  const [, credentials] = /^basic ([A-Za-z0-9+/]{2,400}={0,2})$/i.exec(authorization ?? '') ?? []
  const text = credentials && Buffer.from(credentials, 'base64').toString('utf8')
  if (!text?.endsWith(':') || text.indexOf(':') !== text.length - 1) return undefined
  try {
    return decodeURIComponent(text.slice(0, -1).replaceAll('+', '%20'))
  } catch {
    return undefined
  }
}
