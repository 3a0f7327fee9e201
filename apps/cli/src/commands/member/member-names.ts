import { DaytonaAuthError } from '@daytona-auth/sdk'
import type { Api } from '../../api.ts'

/** Returns the e-mail address of a member, or the id of a user who is none. */
export type NameOfUser = (userId: string) => string

/** Reads the addresses of members. Without the permission to read them, ids are the names. */
export async function readMemberNames({ client, organizationId }: Api): Promise<NameOfUser> {
  const members = await client.organizations.members.list(await organizationId()).catch((error) => {
    if (error instanceof DaytonaAuthError && error.statusCode === 403) return []
    throw error
  })
  const names = new Map(members.map(({ userId, email }) => [userId, email]))
  return (userId) => names.get(userId) ?? userId
}
