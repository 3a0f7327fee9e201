import { type Http, type ScopedRequestOptions, toInit, unwrap, unwrapEmpty } from '../http.ts'
import { collectPages } from '../pages.ts'
import type {
  Body,
  CreatedOauthApp,
  CreatedOauthAppSecret,
  OauthApp,
  OauthAppDenial,
  OauthAppUser,
} from '../schemas.ts'

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

  /** Issues a new secret. All others end at once. */
  rotateSecret: (clientId: string, options?: ScopedRequestOptions): Promise<CreatedOauthApp> =>
    unwrap(scoped.POST('/oauth-apps/{clientId}/rotate-secret', { params: { path: { clientId } }, ...toInit(options) })),

  /** Lists the users who allowed the app, latest first. */
  users: (clientId: string, options?: ScopedRequestOptions): Promise<OauthAppUser[]> =>
    collectPages({}, (query) =>
      scoped.GET('/oauth-apps/{clientId}/users', { params: { path: { clientId }, query }, ...toInit(options) }),
    ),

  /** Lists what was wrong with refused requests of the app in the last 30 days, latest first. */
  denials: async (clientId: string, options?: ScopedRequestOptions): Promise<OauthAppDenial[]> => {
    const params = { path: { clientId } }
    return (await unwrap(scoped.GET('/oauth-apps/{clientId}/denials', { params, ...toInit(options) }))).denials
  },

  /** The secrets of an app; `get` lists them. An app authenticates with any of them, up to two at once. */
  secrets: {
    /** Adds a secret. The response is the only one with its `clientSecret`. */
    create: (
      clientId: string,
      secret: Body<'createOauthAppSecret'>,
      options?: ScopedRequestOptions,
    ): Promise<CreatedOauthAppSecret> =>
      unwrap(
        scoped.POST('/oauth-apps/{clientId}/secrets', {
          params: { path: { clientId } },
          body: secret,
          ...toInit(options),
        }),
      ),

    /** Deletes a secret. The only valid one of an app cannot be deleted. */
    delete: (clientId: string, secretId: string, options?: ScopedRequestOptions): Promise<void> =>
      unwrapEmpty(
        scoped.DELETE('/oauth-apps/{clientId}/secrets/{secretId}', {
          params: { path: { clientId, secretId } },
          ...toInit(options),
        }),
      ),
  },
})
