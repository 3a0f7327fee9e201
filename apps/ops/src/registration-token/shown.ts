import type { InitialAccessTokenRow } from '@daytona-auth/db/clients'

/** A token as the operator sees it, masked. */
export interface ShownToken {
  readonly tokenId: string
  readonly name: string
  readonly masked: string
  readonly uses: number
  readonly maxUses: number
  readonly createdAt: string
  readonly expiresAt: string
}

export const shown = (row: InitialAccessTokenRow): ShownToken => ({
  tokenId: row.id,
  name: row.name,
  masked: row.hint,
  uses: row.uses,
  maxUses: row.maxUses,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
})

/** Formats a token as one line. A name has no control characters, so it cannot break the line. */
export const lineOf = ({ tokenId, name, masked, uses, maxUses, expiresAt }: ShownToken): string =>
  `${tokenId}  ${JSON.stringify(name)}  ${masked}  used ${uses} of ${maxUses}, until ${expiresAt}`
