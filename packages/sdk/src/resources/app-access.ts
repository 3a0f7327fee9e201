import { type Http, type RequestOptions, toInit, unwrap, unwrapEmpty } from '../http.ts'
import { collectPages } from '../pages.ts'
import type { AppAccessPreview, AppDecision, AppRequest, Body, Query } from '../schemas.ts'

const DECISIONS = '/organizations/{organizationId}/app-decisions'
const DECISION = `${DECISIONS}/{clientId}` as const
const REQUESTS = '/organizations/{organizationId}/app-requests'
const REQUEST = `${REQUESTS}/{clientId}` as const
const PREVIEW = '/organizations/{organizationId}/app-access-preview'

/**
 * Which apps of others members may use in an organization, besides its `appAccess`. Changes need an administrator's session; a
 * key does not suffice.
 */
export const appAccess = ({ plain }: Http) => ({
  /** Lists the apps that the organization approved or blocked. */
  list: (organizationId: string, options?: RequestOptions): Promise<AppDecision[]> =>
    collectPages({}, (query) =>
      plain.GET(DECISIONS, { params: { path: { organizationId }, query }, ...toInit(options) }),
    ),

  /** Approves or blocks an app, which answers the requests of members for it. */
  set: (
    organizationId: string,
    clientId: string,
    decision: Body<'setAppDecision'>,
    options?: RequestOptions,
  ): Promise<AppDecision> =>
    unwrap(plain.PUT(DECISION, { params: { path: { organizationId, clientId } }, body: decision, ...toInit(options) })),

  /** Deletes a decision: the policy of the organization applies again. */
  delete: (organizationId: string, clientId: string, options?: RequestOptions): Promise<void> =>
    unwrapEmpty(plain.DELETE(DECISION, { params: { path: { organizationId, clientId } }, ...toInit(options) })),

  /** Lists the apps whose approval members requested. */
  requests: (organizationId: string, options?: RequestOptions): Promise<AppRequest[]> =>
    collectPages({}, (query) =>
      plain.GET(REQUESTS, { params: { path: { organizationId }, query }, ...toInit(options) }),
    ),

  /** Declines the requests for an app without a decision about it. */
  decline: (organizationId: string, clientId: string, options?: RequestOptions): Promise<void> =>
    unwrapEmpty(plain.DELETE(REQUEST, { params: { path: { organizationId, clientId } }, ...toInit(options) })),

  /** Counts the apps and members that another policy would end. */
  preview: (
    organizationId: string,
    query: Query<'previewAppAccess'>,
    options?: RequestOptions,
  ): Promise<AppAccessPreview> =>
    unwrap(plain.GET(PREVIEW, { params: { path: { organizationId }, query }, ...toInit(options) })),
})
