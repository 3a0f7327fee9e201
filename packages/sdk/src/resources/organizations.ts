import { done, given, type Http, init, type RequestOptions } from '../http.ts'
import { allItems, nextQuery } from '../pages.ts'
import type { ApiKeyUsageTotals, Body, Organization, Query } from '../schemas.ts'
import { organizationInvitations } from './invitations.ts'
import { members } from './organization-members.ts'
import { roles } from './roles.ts'

/** Those that the credential has access to, and what is in them. */
export const organizations = (http: Http) => {
  const { plain } = http
  return {
    create: (organization: Body<'createOrganization'>, options?: RequestOptions): Promise<Organization> =>
      given(plain.POST('/organizations', { body: organization, ...init(options) })),

    list: (options?: RequestOptions): Promise<Organization[]> =>
      allItems({}, (query) => plain.GET('/organizations', { params: { query }, ...init(options) })),

    get: (organizationId: string, options?: RequestOptions): Promise<Organization> =>
      given(plain.GET('/organizations/{organizationId}', { params: { path: { organizationId } }, ...init(options) })),

    update: (
      organizationId: string,
      organization: Body<'updateOrganization'>,
      options?: RequestOptions,
    ): Promise<Organization> =>
      given(
        plain.PATCH('/organizations/{organizationId}', {
          params: { path: { organizationId } },
          body: organization,
          ...init(options),
        }),
      ),

    /** With everything in it. An owner's own act: a key does not suffice. */
    delete: (organizationId: string, options?: RequestOptions): Promise<void> =>
      done(plain.DELETE('/organizations/{organizationId}', { params: { path: { organizationId } }, ...init(options) })),

    leave: (organizationId: string, options?: RequestOptions): Promise<void> =>
      done(
        plain.POST('/organizations/{organizationId}/leave', { params: { path: { organizationId } }, ...init(options) }),
      ),

    /** How much each key was used: the items of all pages, with the sums of the last one. */
    apiKeyUsage: async (
      organizationId: string,
      query: Omit<Query<'getOrganizationApiKeyUsage'>, 'cursor'> = {},
      options?: RequestOptions,
    ): Promise<ApiKeyUsageTotals> => {
      const items: ApiKeyUsageTotals['items'] = []
      for (let next: object | undefined = {}; ; ) {
        const params = { path: { organizationId }, query: { ...query, ...next } }
        const answer = plain.GET('/organizations/{organizationId}/api-keys/usage', { params, ...init(options) })
        const page: ApiKeyUsageTotals = await given(answer)
        items.push(...page.items)
        next = nextQuery((await answer).response.headers)
        if (next === undefined) return { ...page, items }
      }
    },

    members: members(http),
    roles: roles(http),
    invitations: organizationInvitations(http),
  }
}
