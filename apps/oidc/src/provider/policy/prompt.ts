import { ROUTES } from '../configuration/endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'
import type { ClientDirectory } from '../storage/clients.ts'
import { isFirstParty, isNative } from './policy.ts'

/**
 * An app that asks for `offline_access` and does not say how to prompt is shown the consent page. OIDC Core §11 makes
 * the refresh token depend on `prompt=consent`, which hardly any client library sends; the library then drops the scope
 * in silence, and the app breaks an hour later. Our own and native apps get a refresh token by policy.
 */
export function promptForOfflineAccess(clients: ClientDirectory): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== ROUTES.authorization) return next()
    const { scope, prompt, client_id: clientId } = ctx.query
    if (
      typeof scope === 'string' &&
      scope.split(' ').includes('offline_access') &&
      prompt === undefined &&
      typeof clientId === 'string'
    ) {
      const client = await clients.find(clientId, ctx.ip)
      if (client && !isFirstParty(client) && !isNative({ applicationType: client.application_type })) {
        ctx.query = { ...ctx.query, prompt: 'consent' }
      }
    }
    await next()
  }
}
