import { type ActiveResourceServer, findActiveResourceServer, isAllowedResource } from '@daytona-auth/db/clients'
import type { Database } from '@daytona-auth/db/core'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { budgetOfRequest, type UnknownLookUps } from '../../limits/unknown-look-ups.ts'
import { requestContext } from '../request-context.ts'

export interface ResourceServerDirectory {
  /**
   * Returns the API with that audience, once for each request. `undefined` for an identifier that is not registered, of a
   * disabled API, or of a suspended organization; it is looked up again after ten seconds. @throws TooManyUnknown
   */
  find(ctx: KoaContextWithOIDC, identifier: string): Promise<ActiveResourceServer | undefined>
  /** Whether the organization of the API allows the client. */
  allows(server: ActiveResourceServer, clientId: string): Promise<boolean>
}

/** Registered identifiers are URLs in ASCII, of limited length: others cost no query. */
const POSSIBLE = /^[\x21-\x7e]{1,500}$/

/**
 * Looks up the APIs that organizations registered as audiences of access tokens (RFC 8707). They are not cached, because
 * tokens are requested for them far less often than for our own API.
 */
export function createResourceServerDirectory(database: Database, unknown: UnknownLookUps): ResourceServerDirectory {
  return {
    async find(ctx, identifier) {
      const { resourceServers } = requestContext(ctx)
      if (resourceServers.has(identifier)) return resourceServers.get(identifier)
      const found = POSSIBLE.test(identifier)
        ? await unknown.find(budgetOfRequest(ctx), `resource ${identifier}`, () =>
            findActiveResourceServer(database, identifier),
          )
        : undefined
      resourceServers.set(identifier, found)
      return found
    },
    allows: ({ id }, clientId) => isAllowedResource(database, id, clientId),
  }
}
