import { type Http, type RequestOptions, toInit, unwrap, unwrapEmpty } from '../http.ts'
import { collectPages } from '../pages.ts'
import type { Body, OrganizationRole } from '../schemas.ts'

const ROLES = '/organizations/{organizationId}/roles'
const ROLE = `${ROLES}/{roleId}` as const

/** Built-in roles, and the organization's own. */
export const roles = ({ plain }: Http) => ({
  list: (organizationId: string, options?: RequestOptions): Promise<OrganizationRole[]> =>
    collectPages({}, (query) => plain.GET(ROLES, { params: { path: { organizationId }, query }, ...toInit(options) })),

  create: (
    organizationId: string,
    role: Body<'createOrganizationRole'>,
    options?: RequestOptions,
  ): Promise<OrganizationRole> =>
    unwrap(plain.POST(ROLES, { params: { path: { organizationId } }, body: role, ...toInit(options) })),

  update: (
    organizationId: string,
    roleId: string,
    role: Body<'updateOrganizationRole'>,
    options?: RequestOptions,
  ): Promise<OrganizationRole> =>
    unwrap(plain.PUT(ROLE, { params: { path: { organizationId, roleId } }, body: role, ...toInit(options) })),

  delete: (organizationId: string, roleId: string, options?: RequestOptions): Promise<void> =>
    unwrapEmpty(plain.DELETE(ROLE, { params: { path: { organizationId, roleId } }, ...toInit(options) })),
})
