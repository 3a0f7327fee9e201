import { type Http, type RequestOptions, toInit, unwrap, unwrapEmpty } from '../http.ts'
import { collectPages } from '../pages.ts'
import type { Body, OrganizationUser, StoppedApiKey } from '../schemas.ts'

const USERS = '/organizations/{organizationId}/users'
const USER = `${USERS}/{userId}` as const

export const members = ({ plain }: Http) => ({
  list: (organizationId: string, options?: RequestOptions): Promise<OrganizationUser[]> =>
    collectPages({}, (query) => plain.GET(USERS, { params: { path: { organizationId }, query }, ...toInit(options) })),

  setAccess: (
    organizationId: string,
    userId: string,
    access: Body<'updateAccessForOrganizationMember'>,
    options?: RequestOptions,
  ): Promise<OrganizationUser> =>
    unwrap(
      plain.POST(`${USER}/access`, { params: { path: { organizationId, userId } }, body: access, ...toInit(options) }),
    ),

  remove: (organizationId: string, userId: string, options?: RequestOptions): Promise<void> =>
    unwrapEmpty(plain.DELETE(USER, { params: { path: { organizationId, userId } }, ...toInit(options) })),

  /** Lists keys that would stop working if the member were removed. Removes no member. */
  keysStoppedByRemoval: (organizationId: string, userId: string, options?: RequestOptions): Promise<StoppedApiKey[]> =>
    collectPages({}, (page) => {
      // `dryRun` comes last, so that the link of a page cannot override it.
      const query = { ...page, dryRun: 'true' as const }
      return plain.DELETE(USER, { params: { path: { organizationId, userId }, query }, ...toInit(options) })
    }),
})
