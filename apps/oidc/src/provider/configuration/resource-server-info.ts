import { isIdentityScope, scopeNames } from '@daytona-auth/protocol/scopes'
import { type Client, errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider'
import { isFirstParty } from '../policy/policy.ts'
import { requestContext } from '../request-context.ts'
import type { ResourceServerDirectory } from '../storage/resource-servers.ts'

export interface ResourceServerOptions {
  /** The audience of our own API. */
  readonly audience: string
  readonly accessTokenSeconds: number
  readonly algorithm: 'ES256' | 'RS256'
  readonly directory: ResourceServerDirectory
}

/**
 * Creates oidc-provider's `getResourceServerInfo`: the audience and scopes of a requested API (RFC 8707). An access token is
 * for one API only, because an API could use a token with several audiences at the others. Our own apps act in our own API
 * only.
 *
 * A token request gets the API of its grant, read with the code or refresh token. An API that was registered later with the
 * same identifier is another one.
 */
export function createResourceServerInfo({
  audience,
  accessTokenSeconds,
  algorithm,
  directory,
}: ResourceServerOptions) {
  const describe = (identifier: string, scopes: readonly string[]): ResourceServer => ({
    scope: scopes.join(' '),
    audience: identifier,
    accessTokenTTL: accessTokenSeconds,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: algorithm } },
  })

  return async (ctx: KoaContextWithOIDC, resource: string, client: Client): Promise<ResourceServer> => {
    if (resource === audience) return describe(audience, scopeNames())
    if (isFirstParty(client)) throw new errors.InvalidTarget('this app is for our own API only')
    if (Array.isArray(ctx.oidc.params?.['resource'])) throw new errors.InvalidTarget('request one resource at a time')

    if (ctx.oidc.route === 'token') {
      const { source } = requestContext(ctx)
      if (!source?.resource || source.resource.identifier !== resource) throw new errors.InvalidTarget()
      return describe(resource, source.resource.scopes)
    }
    const found = await directory.find(ctx, resource)
    if (!found) throw new errors.InvalidTarget('resource is not registered, or is disabled')
    if (!(await directory.allows(found, client.clientId))) {
      throw new errors.InvalidTarget('the organization of the resource does not allow this app')
    }
    const scopes = found.scopes.map(({ name }) => name)
    requireGrantable(ctx, scopes)
    return describe(found.identifier, scopes)
  }
}

/** @throws InvalidScope if the request has scopes, and none can be granted, before the user signs in */
function requireGrantable({ oidc }: KoaContextWithOIDC, scopes: readonly string[]): void {
  const requested = [...oidc.requestParamScopes]
  if (requested.length === 0 || requested.some((scope) => isIdentityScope(scope) || scopes.includes(scope))) return
  throw new errors.InvalidScope('no requested scope is one of the resource', requested.join(' '))
}
