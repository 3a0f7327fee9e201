import { type Http, type ScopedRequestOptions, toInit, unwrap, unwrapEmpty } from '../http.ts'
import { collectPages } from '../pages.ts'
import type { Body, CreatedOauthApp, OauthApp } from '../schemas.ts'

/** OAuth apps of the organization. */
export const oauthApps = ({ scoped }: Http) => ({
  /** Registers an app. The response is the only one with its `clientSecret`; public clients have none. */
  create: (app: Body<'createOauthApp'>, options?: ScopedRequestOptions): Promise<CreatedOauthApp> =>
    unwrap(scoped.POST('/oauth-apps', { body: app, ...toInit(options) })),

  list: (options?: ScopedRequestOptions): Promise<OauthApp[]> =>
    collectPages({}, (query) => scoped.GET('/oauth-apps', { params: { query }, ...toInit(options) })),

  get: (clientId: string, options?: ScopedRequestOptions): Promise<OauthApp> =>
    unwrap(scoped.GET('/oauth-apps/{clientId}', { params: { path: { clientId } }, ...toInit(options) })),

  update: (clientId: string, app: Body<'updateOauthApp'>, options?: ScopedRequestOptions): Promise<OauthApp> =>
    unwrap(scoped.PATCH('/oauth-apps/{clientId}', { params: { path: { clientId } }, body: app, ...toInit(options) })),

  delete: (clientId: string, options?: ScopedRequestOptions): Promise<void> =>
    unwrapEmpty(scoped.DELETE('/oauth-apps/{clientId}', { params: { path: { clientId } }, ...toInit(options) })),

  /** Issues a new secret. The old one ends at once. */
  rotateSecret: (clientId: string, options?: ScopedRequestOptions): Promise<CreatedOauthApp> =>
    unwrap(scoped.POST('/oauth-apps/{clientId}/rotate-secret', { params: { path: { clientId } }, ...toInit(options) })),
})
