import { done, given, type Http, init, type RequestOptions } from '../http.ts'
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

    list: (options?: RequestOptions): Promise<Organization[]> => given(plain.GET('/organizations', init(options))),

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

    /** How much each key was used. */
    apiKeyUsage: (
      organizationId: string,
      query: Query<'getOrganizationApiKeyUsage'> = {},
      options?: RequestOptions,
    ): Promise<ApiKeyUsageTotals> =>
      given(
        plain.GET('/organizations/{organizationId}/api-keys/usage', {
          params: { path: { organizationId }, query },
          ...init(options),
        }),
      ),

    members: members(http),
    roles: roles(http),
    invitations: organizationInvitations(http),
  }
}
