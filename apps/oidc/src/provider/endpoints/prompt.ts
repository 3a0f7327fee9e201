import type { AdapterPayload } from 'oidc-provider'
import { ROUTES } from '../endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'
import { isFirstParty, isNative } from '../policy/policy.ts'
import type { ClientDirectory } from '../storage/clients.ts'

/**
 * Adds `prompt=consent` to a request with `offline_access` and no prompt. OIDC Core §11 requires it for a refresh
 * token, and few client libraries send it. Without it the library drops the scope silently, and the app fails an hour
 * later. Our own and native apps get a refresh token by policy.
 */
export function promptForOfflineAccess(clients: ClientDirectory): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== ROUTES.authorization) return next()
    const { scope, prompt, client_id: clientId } = ctx.query
    if (asksForOfflineAccess({ scope, prompt }) && typeof clientId === 'string') {
      const client = await clients.find(clientId, ctx.ip)
      if (client && needsConsentPrompt({ scope, prompt }, client)) ctx.query = { ...ctx.query, prompt: 'consent' }
    }
    await next()
  }
}

/** The parameters of an authorization request that decide about its prompt, as they were sent. */
interface PromptParameters {
  readonly scope?: unknown
  readonly prompt?: unknown
}

/** Whether `prompt=consent` has to be added to a request of the client: see `promptForOfflineAccess`. */
export const needsConsentPrompt = (parameters: PromptParameters, client: AdapterPayload): boolean =>
  asksForOfflineAccess(parameters) && !isFirstParty(client) && !isNative({ applicationType: client.application_type })

const asksForOfflineAccess = ({ scope, prompt }: PromptParameters): boolean =>
  typeof scope === 'string' && scope.split(' ').includes('offline_access') && prompt === undefined
