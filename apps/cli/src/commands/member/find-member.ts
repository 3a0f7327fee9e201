import type { OrganizationUser } from '@daytona-auth/sdk'
import type { Api } from '../../api.ts'
import { Failure } from '../../failure.ts'

/** Returns the id of a user: an id as it is, or the id of the member with an e-mail address. */
export const findUserId = async (api: Api, idOrEmail: string): Promise<string> =>
  idOrEmail.includes('@') ? (await findMember(api, idOrEmail)).userId : idOrEmail

/** Finds a member by id or e-mail address. */
export async function findMember({ client, organizationId }: Api, idOrEmail: string): Promise<OrganizationUser> {
  const members = await client.organizations.members.list(await organizationId())
  const wanted = idOrEmail.toLowerCase()
  const member = members.find(({ userId, email }) => userId === idOrEmail || email.toLowerCase() === wanted)
  if (member !== undefined) return member
  throw new Failure(`The organization has no member "${idOrEmail}".`, { hint: 'List them: daytona member list' })
}
