import { done, given, type Http, init, type RequestOptions } from '../http.ts'
import type { Body, OrganizationUser, StoppedApiKey } from '../schemas.ts'

const USERS = '/organizations/{organizationId}/users'
const USER = `${USERS}/{userId}` as const

export const members = ({ plain }: Http) => ({
  list: (organizationId: string, options?: RequestOptions): Promise<OrganizationUser[]> =>
    given(plain.GET(USERS, { params: { path: { organizationId } }, ...init(options) })),

  setAccess: (
    organizationId: string,
    userId: string,
    access: Body<'updateAccessForOrganizationMember'>,
    options?: RequestOptions,
  ): Promise<OrganizationUser> =>
    given(
      plain.POST(`${USER}/access`, { params: { path: { organizationId, userId } }, body: access, ...init(options) }),
    ),

  remove: (organizationId: string, userId: string, options?: RequestOptions): Promise<void> =>
    done(plain.DELETE(USER, { params: { path: { organizationId, userId } }, ...init(options) })),

  /** Removes nobody: tells which keys would stop working. */
  keysStoppedByRemoval: async (
    organizationId: string,
    userId: string,
    options?: RequestOptions,
  ): Promise<StoppedApiKey[]> => {
    const params = { path: { organizationId, userId }, query: { dryRun: 'true' as const } }
    return (await given(plain.DELETE(USER, { params, ...init(options) }))) ?? []
  },
})
