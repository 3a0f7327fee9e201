import { type Http, type RequestOptions, toInit, unwrap, unwrapEmpty } from '../http.ts'
import { collectPages } from '../pages.ts'
import type { Body, IdentityProvider, OrganizationDomain, Provisioning } from '../schemas.ts'

const DOMAINS = '/organizations/{organizationId}/domains'
const DOMAIN = `${DOMAINS}/{domainId}` as const
const PROVIDER = '/organizations/{organizationId}/identity-provider'
const PROVISIONING = `${PROVIDER}/provisioning` as const

/** The e-mail domains of an organization. Changes need an owner's session; a key does not suffice. */
export const domains = ({ plain }: Http) => ({
  /** Claims a domain. The answer has the DNS record to publish before it is verified. */
  create: (
    organizationId: string,
    domain: Body<'createOrganizationDomain'>,
    options?: RequestOptions,
  ): Promise<OrganizationDomain> =>
    unwrap(plain.POST(DOMAINS, { params: { path: { organizationId } }, body: domain, ...toInit(options) })),

  list: (organizationId: string, options?: RequestOptions): Promise<OrganizationDomain[]> =>
    collectPages({}, (query) =>
      plain.GET(DOMAINS, { params: { path: { organizationId }, query }, ...toInit(options) }),
    ),

  get: (organizationId: string, domainId: string, options?: RequestOptions): Promise<OrganizationDomain> =>
    unwrap(plain.GET(DOMAIN, { params: { path: { organizationId, domainId } }, ...toInit(options) })),

  /** Looks up the DNS record of a domain, which then belongs to the organization. */
  verify: (organizationId: string, domainId: string, options?: RequestOptions): Promise<OrganizationDomain> =>
    unwrap(plain.POST(`${DOMAIN}/verify`, { params: { path: { organizationId, domainId } }, ...toInit(options) })),

  delete: (organizationId: string, domainId: string, options?: RequestOptions): Promise<void> =>
    unwrapEmpty(plain.DELETE(DOMAIN, { params: { path: { organizationId, domainId } }, ...toInit(options) })),
})

/** The OpenID provider of an organization. Changes need an owner's session; a key does not suffice. */
export const identityProvider = ({ plain }: Http) => ({
  get: (organizationId: string, options?: RequestOptions): Promise<IdentityProvider> =>
    unwrap(plain.GET(PROVIDER, { params: { path: { organizationId } }, ...toInit(options) })),

  /** Tests a provider and its client, then stores it in place of the one before. */
  set: (
    organizationId: string,
    provider: Body<'setIdentityProvider'>,
    options?: RequestOptions,
  ): Promise<IdentityProvider> =>
    unwrap(plain.PUT(PROVIDER, { params: { path: { organizationId } }, body: provider, ...toInit(options) })),

  /** Sets whether addresses in the verified domains of the organization sign in only with its provider. */
  update: (
    organizationId: string,
    change: Body<'updateIdentityProvider'>,
    options?: RequestOptions,
  ): Promise<IdentityProvider> =>
    unwrap(plain.PATCH(PROVIDER, { params: { path: { organizationId } }, body: change, ...toInit(options) })),

  delete: (organizationId: string, options?: RequestOptions): Promise<void> =>
    unwrapEmpty(plain.DELETE(PROVIDER, { params: { path: { organizationId } }, ...toInit(options) })),

  /** Returns whether a sign-in makes people members, and the roles of their groups. */
  getProvisioning: (organizationId: string, options?: RequestOptions): Promise<Provisioning> =>
    unwrap(plain.GET(PROVISIONING, { params: { path: { organizationId } }, ...toInit(options) })),

  /** Sets what a sign-in gives. Roles that no group gives any more are withdrawn at once. */
  setProvisioning: (
    organizationId: string,
    provisioning: Body<'setProvisioning'>,
    options?: RequestOptions,
  ): Promise<Provisioning> =>
    unwrap(plain.PUT(PROVISIONING, { params: { path: { organizationId } }, body: provisioning, ...toInit(options) })),
})
