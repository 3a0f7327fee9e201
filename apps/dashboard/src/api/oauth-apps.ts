import type { CreatedOauthApp, CreatedOauthAppSecret, OauthApp, RequestBody } from '@daytona-auth/sdk'
import { queryOptions } from '@tanstack/react-query'
import { api } from './client.ts'
import { queryClient } from './query-client.ts'

const appsOf = (organizationId: string) => ['organization', organizationId, 'oauth-apps'] as const

/** The OAuth apps of the organization, for its administrators. */
export const oauthApps = (organizationId: string) =>
  queryOptions({
    queryKey: appsOf(organizationId),
    queryFn: ({ signal }) => api.oauthApps.list({ organizationId, signal }),
  })

/** One app. */
export const oauthApp = (organizationId: string, clientId: string) =>
  queryOptions({
    queryKey: [...appsOf(organizationId), clientId],
    queryFn: ({ signal }): Promise<OauthApp> => api.oauthApps.get(clientId, { organizationId, signal }),
  })

/** The users who allowed an app, latest first. */
export const oauthAppUsers = (organizationId: string, clientId: string) =>
  queryOptions({
    queryKey: [...appsOf(organizationId), clientId, 'users'],
    queryFn: ({ signal }) => api.oauthApps.users(clientId, { organizationId, signal }),
  })

/** What was wrong with refused requests of an app, latest first. */
export const oauthAppDenials = (organizationId: string, clientId: string) =>
  queryOptions({
    queryKey: [...appsOf(organizationId), clientId, 'denials'],
    queryFn: ({ signal }) => api.oauthApps.denials(clientId, { organizationId, signal }),
    // A developer who sets up an app tries again and again.
    refetchInterval: 10_000,
  })

/** Registers an app. The response has the secret of a `web` app. */
export async function createOauthApp(
  organizationId: string,
  app: RequestBody<'createOauthApp'>,
): Promise<CreatedOauthApp> {
  const created = await api.oauthApps.create(app, { organizationId })
  await invalidate(organizationId)
  return created
}

export async function updateOauthApp(
  organizationId: string,
  clientId: string,
  change: RequestBody<'updateOauthApp'>,
): Promise<OauthApp> {
  const changed = await api.oauthApps.update(clientId, change, { organizationId })
  queryClient.setQueryData(oauthApp(organizationId, clientId).queryKey, changed)
  await invalidate(organizationId)
  return changed
}

/** Adds a redirect URI to those that the app has by now. */
export async function addRedirectUri(organizationId: string, clientId: string, uri: string): Promise<void> {
  const { redirectUris } = await api.oauthApps.get(clientId, { organizationId })
  if (!redirectUris.includes(uri)) {
    await updateOauthApp(organizationId, clientId, { redirectUris: [...redirectUris, uri] })
  } else await invalidate(organizationId)
}

/** Deletes an app. Its tokens, and the API keys that were made with them, are revoked. */
export async function deleteOauthApp(organizationId: string, clientId: string): Promise<void> {
  await api.oauthApps.delete(clientId, { organizationId })
  queryClient.setQueryData(oauthApps(organizationId).queryKey, (all) => all?.filter((one) => one.clientId !== clientId))
}

/** Adds a secret to an app. The response is the only one with it. */
export async function createOauthAppSecret(
  organizationId: string,
  clientId: string,
  secret: RequestBody<'createOauthAppSecret'>,
): Promise<CreatedOauthAppSecret> {
  const created = await api.oauthApps.secrets.create(clientId, secret, { organizationId })
  await invalidate(organizationId)
  return created
}

/** Deletes a secret of an app. Requests with it are refused. */
export async function deleteOauthAppSecret(organizationId: string, clientId: string, secretId: string): Promise<void> {
  await api.oauthApps.secrets.delete(clientId, secretId, { organizationId })
  await invalidate(organizationId)
}

/** Replaces all secrets of an app by a new one, which only the response has. */
export async function rotateOauthAppSecret(organizationId: string, clientId: string): Promise<CreatedOauthApp> {
  const rotated = await api.oauthApps.rotateSecret(clientId, { organizationId })
  await invalidate(organizationId)
  return rotated
}

const invalidate = (organizationId: string): Promise<void> =>
  queryClient.invalidateQueries({ queryKey: appsOf(organizationId) })
