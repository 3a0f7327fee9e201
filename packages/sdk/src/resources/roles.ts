import { done, given, type Http, init, type RequestOptions } from '../http.ts'
import { allItems } from '../pages.ts'
import type { Body, OrganizationRole } from '../schemas.ts'

const ROLES = '/organizations/{organizationId}/roles'
const ROLE = `${ROLES}/{roleId}` as const

/** The built-in ones, and the organization's own. */
export const roles = ({ plain }: Http) => ({
  list: (organizationId: string, options?: RequestOptions): Promise<OrganizationRole[]> =>
    allItems({}, (query) => plain.GET(ROLES, { params: { path: { organizationId }, query }, ...init(options) })),

  create: (
    organizationId: string,
    role: Body<'createOrganizationRole'>,
    options?: RequestOptions,
  ): Promise<OrganizationRole> =>
    given(plain.POST(ROLES, { params: { path: { organizationId } }, body: role, ...init(options) })),

  update: (
    organizationId: string,
    roleId: string,
    role: Body<'updateOrganizationRole'>,
    options?: RequestOptions,
  ): Promise<OrganizationRole> =>
    given(plain.PUT(ROLE, { params: { path: { organizationId, roleId } }, body: role, ...init(options) })),

  delete: (organizationId: string, roleId: string, options?: RequestOptions): Promise<void> =>
    done(plain.DELETE(ROLE, { params: { path: { organizationId, roleId } }, ...init(options) })),
})
