import type { CreatedOauthApp, OauthApp } from '@daytona-auth/sdk'
import ms from 'ms'
import type { CommandContext } from '../../command-context.ts'
import { type Column, instantCell, type View } from '../../view.ts'

const COLUMNS: readonly Column<OauthApp>[] = [
  ['Name', ({ name }) => name],
  ['Client ID', ({ clientId }) => clientId, { isWhole: true }],
  ['Type', ({ type }) => type],
  ['Redirect URIs', ({ redirectUris }) => redirectUris],
  ['Scopes', ({ scopes }) => scopes, { omit: 1 }],
]

export const LISTED: View<OauthApp> = { columns: COLUMNS, value: ({ clientId }) => clientId }

/** Null stands for the default of the server. */
const durationCell = (seconds: number | null): string | null =>
  seconds === null ? null : ms(seconds * 1000, { long: true })

/** An app with all its details. */
export const DETAIL_VIEW: View<OauthApp> = {
  columns: [
    ...COLUMNS,
    ['After sign-out', ({ postLogoutRedirectUris }) => postLogoutRedirectUris],
    ['Home page', ({ homepageUri }) => homepageUri],
    ['Logo', ({ logoUri }) => logoUri],
    ['PKCE required', ({ requirePkce }) => requirePkce],
    ['PAR required', (app) => app.requirePushedAuthorizationRequests],
    ['Signed requests', (app) => app.requireSignedRequestObject],
    ['Signed with', (app) => app.requestObjectSigningAlg],
    ['DPoP required', (app) => app.dpopBoundAccessTokens],
    ['Logout tokens', ({ backchannelLogoutUri }) => backchannelLogoutUri],
    ['Refresh tokens', ({ refreshTokenTtl }) => durationCell(refreshTokenTtl)],
    ['Renewed for', ({ refreshTokenAbsoluteTtl }) => durationCell(refreshTokenAbsoluteTtl)],
    ['Oldest sign-in', ({ defaultMaxAge }) => durationCell(defaultMaxAge)],
    ['Authentication', ({ tokenEndpointAuthMethod }) => tokenEndpointAuthMethod],
    ['Keys', ({ jwks, jwksUri }) => jwksUri ?? jwks?.keys.map(({ kid, kty }) => String(kid ?? kty)) ?? []],
    ['Secrets', ({ secrets }) => secrets.map(({ name, id }) => `${name} (${id})`)],
    ['Created', ({ createdAt }) => instantCell(createdAt)],
  ],
  value: ({ clientId }) => clientId,
}

/** An app with its newly issued secret, if it has one: the only view with a secret. */
export const ISSUED: View<CreatedOauthApp> = {
  columns: [...COLUMNS, ['Secret', ({ clientSecret }) => clientSecret ?? 'none (public client)']],
  value: ({ clientId, clientSecret }) => (clientSecret === undefined ? clientId : [clientId, clientSecret]),
}

/** The result of `rotate-secret`. */
export const ROTATED: View<CreatedOauthApp> = { ...ISSUED, value: ({ clientSecret }) => clientSecret ?? [] }

export function remindToStore({ output }: CommandContext, { clientSecret }: CreatedOauthApp): void {
  if (clientSecret !== undefined) output.note('Keep the secret now: it is not shown again.')
}
