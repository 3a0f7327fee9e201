import { done, given, type Http, init, type RequestOptions, type ScopedRequestOptions } from '../http.ts'
import { allItems, linkedItems } from '../pages.ts'
import type { ApiKey, ApiKeyUsage, Body, IssuedApiKey, Query } from '../schemas.ts'

type Filter = Omit<Query<'listApiKeys'>, 'cursor'>

/** Keys in the organization: one's own, and everybody's for its administrators. */
export const apiKeys = ({ scoped, plain }: Http) => ({
  /** Its `value` is shown this once. */
  create: (key: Body<'createApiKey'>, options?: ScopedRequestOptions): Promise<IssuedApiKey> =>
    given(scoped.POST('/api-keys', { body: key, ...init(options) })),

  /** All of them, from all pages. `limit` is the size of a page. */
  list: (query: Filter = {}, options?: ScopedRequestOptions): Promise<ApiKey[]> =>
    allItems(query, (page) => scoped.GET('/api-keys', { params: { query: page }, ...init(options) })),

  /** All of them, page by page. */
  all: (query: Filter = {}, options?: ScopedRequestOptions): AsyncGenerator<ApiKey, void> =>
    linkedItems(query, (page) => scoped.GET('/api-keys', { params: { query: page }, ...init(options) })),

  /** The caller's own one of that name. */
  get: (name: string, options?: ScopedRequestOptions): Promise<ApiKey> =>
    given(scoped.GET('/api-keys/{name}', { params: { path: { name } }, ...init(options) })),

  /** The key that this client is authenticated by. */
  current: (options?: RequestOptions): Promise<ApiKey> => given(plain.GET('/api-keys/current', init(options))),

  /** A new secret for the same key. The old one ends at once, unless a grace period is given. */
  rotate: (name: string, rotation: Body<'rotateApiKey'> = {}, options?: ScopedRequestOptions): Promise<IssuedApiKey> =>
    given(scoped.POST('/api-keys/{name}/rotate', { params: { path: { name } }, body: rotation, ...init(options) })),

  delete: (name: string, options?: ScopedRequestOptions): Promise<void> =>
    done(scoped.DELETE('/api-keys/{name}', { params: { path: { name } }, ...init(options) })),

  /** Somebody else's, for administrators. */
  deleteForUser: (userId: string, name: string, options?: ScopedRequestOptions): Promise<void> =>
    done(scoped.DELETE('/api-keys/{userId}/{name}', { params: { path: { userId, name } }, ...init(options) })),

  usage: (name: string, query: Query<'getApiKeyUsage'> = {}, options?: ScopedRequestOptions): Promise<ApiKeyUsage> =>
    given(scoped.GET('/api-keys/{name}/usage', { params: { path: { name }, query }, ...init(options) })),
})
