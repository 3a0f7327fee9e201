import { done, given, type Http, init, type ScopedRequestOptions } from '../http.ts'
import { allItems } from '../pages.ts'
import type { Body, CreatedOauthApp, OauthApp } from '../schemas.ts'

/** The organization's own apps, to which people sign in. */
export const oauthApps = ({ scoped }: Http) => ({
  /** Its `clientSecret`, if its type can keep one, is shown this once. */
  create: (app: Body<'createOauthApp'>, options?: ScopedRequestOptions): Promise<CreatedOauthApp> =>
    given(scoped.POST('/oauth-apps', { body: app, ...init(options) })),

  list: (options?: ScopedRequestOptions): Promise<OauthApp[]> =>
    allItems({}, (query) => scoped.GET('/oauth-apps', { params: { query }, ...init(options) })),

  get: (clientId: string, options?: ScopedRequestOptions): Promise<OauthApp> =>
    given(scoped.GET('/oauth-apps/{clientId}', { params: { path: { clientId } }, ...init(options) })),

  update: (clientId: string, app: Body<'updateOauthApp'>, options?: ScopedRequestOptions): Promise<OauthApp> =>
    given(scoped.PATCH('/oauth-apps/{clientId}', { params: { path: { clientId } }, body: app, ...init(options) })),

  delete: (clientId: string, options?: ScopedRequestOptions): Promise<void> =>
    done(scoped.DELETE('/oauth-apps/{clientId}', { params: { path: { clientId } }, ...init(options) })),

  /** The old secret ends at once. */
  rotateSecret: (clientId: string, options?: ScopedRequestOptions): Promise<CreatedOauthApp> =>
    given(scoped.POST('/oauth-apps/{clientId}/rotate-secret', { params: { path: { clientId } }, ...init(options) })),
})
