import { type Http, type RequestOptions, toInit, unwrap, unwrapEmpty } from '../http.ts'
import { collectPages, readNextQuery } from '../pages.ts'
import type { ApiKeySummary, ApiKeyUsageTotals, Body, Organization, Query, Quota } from '../schemas.ts'
import { appAccess } from './app-access.ts'
import { organizationInvitations } from './invitations.ts'
import { members } from './organization-members.ts'
import { roles } from './roles.ts'
import { domains, identityProvider } from './single-sign-on.ts'

/** Organizations within the credential's access. */
export const organizations = (http: Http) => {
  const { plain } = http
  return {
    create: (organization: Body<'createOrganization'>, options?: RequestOptions): Promise<Organization> =>
      unwrap(plain.POST('/organizations', { body: organization, ...toInit(options) })),

    list: (options?: RequestOptions): Promise<Organization[]> =>
      collectPages({}, (query) => plain.GET('/organizations', { params: { query }, ...toInit(options) })),

    get: (organizationId: string, options?: RequestOptions): Promise<Organization> =>
      unwrap(
        plain.GET('/organizations/{organizationId}', { params: { path: { organizationId } }, ...toInit(options) }),
      ),

    update: (
      organizationId: string,
      organization: Body<'updateOrganization'>,
      options?: RequestOptions,
    ): Promise<Organization> =>
      unwrap(
        plain.PATCH('/organizations/{organizationId}', {
          params: { path: { organizationId } },
          body: organization,
          ...toInit(options),
        }),
      ),

    /** Deletes an organization with everything in it. Requires an owner's session; a key does not suffice. */
    delete: (organizationId: string, options?: RequestOptions): Promise<void> =>
      unwrapEmpty(
        plain.DELETE('/organizations/{organizationId}', { params: { path: { organizationId } }, ...toInit(options) }),
      ),

    leave: (organizationId: string, options?: RequestOptions): Promise<void> =>
      unwrapEmpty(
        plain.POST('/organizations/{organizationId}/leave', {
          params: { path: { organizationId } },
          ...toInit(options),
        }),
      ),

    /** Returns usage per key: items of all pages, with the totals of the last page. */
    apiKeyUsage: async (
      organizationId: string,
      query: Omit<Query<'getOrganizationApiKeyUsage'>, 'cursor'> = {},
      options?: RequestOptions,
    ): Promise<ApiKeyUsageTotals> => {
      const items: ApiKeyUsageTotals['items'] = []
      for (let next: object | undefined = {}; ; ) {
        const params = { path: { organizationId }, query: { ...query, ...next } }
        const answer = plain.GET('/organizations/{organizationId}/api-keys/usage', { params, ...toInit(options) })
        const page: ApiKeyUsageTotals = await unwrap(answer)
        items.push(...page.items)
        next = readNextQuery((await answer).response.headers)
        if (next === undefined) return { ...page, items }
      }
    },

    /** Counts the active keys, and those that need attention. */
    apiKeySummary: (organizationId: string, options?: RequestOptions): Promise<ApiKeySummary> =>
      unwrap(
        plain.GET('/organizations/{organizationId}/api-keys/summary', {
          params: { path: { organizationId } },
          ...toInit(options),
        }),
      ),

    /** Lists the quotas that the operator has set for the organization, with what is used of each. */
    quotas: async (organizationId: string, options?: RequestOptions): Promise<Quota[]> => {
      const { quotas } = await unwrap(
        plain.GET('/organizations/{organizationId}/quotas', {
          params: { path: { organizationId } },
          ...toInit(options),
        }),
      )
      return quotas
    },

    members: members(http),
    roles: roles(http),
    invitations: organizationInvitations(http),
    appAccess: appAccess(http),
    domains: domains(http),
    identityProvider: identityProvider(http),
  }
}
