import type { OauthAppRow } from '@daytona-auth/db/clients'

/** A client as the operator sees it. */
export interface ShownClient {
  readonly clientId: string
  readonly name: string
  readonly type: OauthAppRow['type']
  /** Whether it acts with its users' permissions. */
  readonly firstParty: boolean
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly scopes: readonly string[]
  readonly homepageUri: string | null
  readonly logoUri: string | null
  readonly createdAt: string
}

export const shown = (row: OauthAppRow): ShownClient => ({
  clientId: row.id,
  name: row.name,
  type: row.type,
  firstParty: row.firstParty,
  redirectUris: row.redirectUris,
  postLogoutRedirectUris: row.postLogoutRedirectUris,
  scopes: row.scopes,
  homepageUri: row.homepageUri,
  logoUri: row.logoUri,
  createdAt: row.createdAt.toISOString(),
})

/** Formats a client as one line. A name has no control characters, so it cannot break the line. */
export const lineOf = ({ clientId, name, type, firstParty, redirectUris }: ShownClient): string =>
  `${clientId}  ${type}${firstParty ? ', first-party' : ''}  ${JSON.stringify(name)}  ${redirectUris.join(' ')}`
