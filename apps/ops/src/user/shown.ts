import type { Queryable } from '@daytona-auth/db/core'
import { findUsers, type UserRow, type UserStatus, userStatus } from '@daytona-auth/db/users'
import { NegativeResult } from '../negative-result.ts'

/** An account as the operator sees it. */
export interface ShownUser {
  readonly id: string
  readonly email: string
  readonly emailVerified: boolean
  readonly name: string
  readonly status: UserStatus
  readonly createdAt: string
  readonly disabledAt: string | null
  readonly deletedAt: string | null
}

export const shown = (row: UserRow): ShownUser => ({
  id: row.id,
  email: row.email,
  emailVerified: row.emailVerified,
  name: row.name,
  status: userStatus(row),
  createdAt: row.createdAt.toISOString(),
  disabledAt: row.disabledAt?.toISOString() ?? null,
  deletedAt: row.deletedAt?.toISOString() ?? null,
})

/** Formats an account as one line. Neither a name nor an address has control characters, so they cannot break the line. */
export const lineOf = ({ id, email, emailVerified, name, status }: ShownUser): string =>
  `${id}  ${status}  ${email}${emailVerified ? '' : ' (not verified)'}  ${JSON.stringify(name)}`

/** Formats a number of things: `1 session`, `2 sessions`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** Longer than any id or address. */
const MAX_USER = 320

/** Finds the account of an argument. @throws NegativeResult if there is none, or more than one: its id names only one */
export async function requireUser(db: Queryable, idOrEmail: string): Promise<UserRow> {
  const [row, ...others] = idOrEmail.length <= MAX_USER ? await findUsers(db, idOrEmail) : []
  if (row && others.length > 0) {
    const found = [row, ...others].map(({ id, email }) => `${id} (${email})`).join(' and ')
    throw new NegativeResult(`${JSON.stringify(idOrEmail)} is the address of ${found}: give the id of one of them`)
  }
  if (row) return row
  throw new NegativeResult(`there is no account ${JSON.stringify(idOrEmail.slice(0, MAX_USER))}`)
}
