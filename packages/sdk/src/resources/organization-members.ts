import { done, given, type Http, init, type RequestOptions } from '../http.ts'
import { allItems } from '../pages.ts'
import type { Body, OrganizationUser, StoppedApiKey } from '../schemas.ts'

const USERS = '/organizations/{organizationId}/users'
const USER = `${USERS}/{userId}` as const

export const members = ({ plain }: Http) => ({
  list: (organizationId: string, options?: RequestOptions): Promise<OrganizationUser[]> =>
    allItems({}, (query) => plain.GET(USERS, { params: { path: { organizationId }, query }, ...init(options) })),

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
  keysStoppedByRemoval: (organizationId: string, userId: string, options?: RequestOptions): Promise<StoppedApiKey[]> =>
    allItems({}, (page) => {
      // Whatever the link of a page says, nobody is removed.
      const query = { ...page, dryRun: 'true' as const }
      return plain.DELETE(USER, { params: { path: { organizationId, userId }, query }, ...init(options) })
    }),
})
