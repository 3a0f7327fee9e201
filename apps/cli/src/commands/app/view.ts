import type { CreatedOauthApp, OauthApp } from '@daytona-auth/sdk'
import type { Call } from '../../cli.ts'
import type { Column, View } from '../../view.ts'

const COLUMNS: readonly Column<OauthApp>[] = [
  ['Name', ({ name }) => name],
  ['Client ID', ({ clientId }) => clientId],
  ['Type', ({ type }) => type],
  ['Redirect URIs', ({ redirectUris }) => redirectUris],
  ['Scopes', ({ scopes }) => scopes],
]

export const LISTED: View<OauthApp> = { columns: COLUMNS, value: ({ clientId }) => clientId }

/** An app whose secret, if it has one, was made just now: the only view with it. */
export const ISSUED: View<CreatedOauthApp> = {
  columns: [...COLUMNS, ['Secret', ({ clientSecret }) => clientSecret ?? 'none: it could not keep one']],
  value: ({ clientId, clientSecret }) => (clientSecret === undefined ? clientId : [clientId, clientSecret]),
}

/** What `rotate-secret` makes. */
export const ROTATED: View<CreatedOauthApp> = { ...ISSUED, value: ({ clientSecret }) => clientSecret ?? [] }

export function keepIt({ output }: Call, { clientSecret }: CreatedOauthApp): void {
  if (clientSecret !== undefined) output.note('Keep the secret now: it is not shown again.')
}
