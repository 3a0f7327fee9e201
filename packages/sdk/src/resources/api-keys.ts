import { type Http, type RequestOptions, type ScopedRequestOptions, toInit, unwrap, unwrapEmpty } from '../http.ts'
import { collectPages, type ListPage, paginateByLink, readPage } from '../pages.ts'
import type { ApiKey, ApiKeyRevocation, ApiKeyUsage, Body, IssuedApiKey, Query } from '../schemas.ts'

type Filter = Omit<Query<'listApiKeys'>, 'cursor'>

/** API keys in the organization: your own, and every member's for administrators. */
export const apiKeys = ({ scoped, plain }: Http) => ({
  /** Creates a key. The response is the only one with its `value`. */
  create: (key: Body<'createApiKey'>, options?: ScopedRequestOptions): Promise<IssuedApiKey> =>
    unwrap(scoped.POST('/api-keys', { body: key, ...toInit(options) })),

  /** Lists keys of all pages. `limit` is the size of a page. */
  list: (query: Filter = {}, options?: ScopedRequestOptions): Promise<ApiKey[]> =>
    collectPages(query, (page) => scoped.GET('/api-keys', { params: { query: page }, ...toInit(options) })),

  /** Iterates over all keys, page by page. */
  all: (query: Filter = {}, options?: ScopedRequestOptions): AsyncGenerator<ApiKey, void> =>
    paginateByLink(query, (page) => scoped.GET('/api-keys', { params: { query: page }, ...toInit(options) })),

  /** Reads one page. Pass `next` as `cursor`, with the same query, for the following one. */
  page: (query: Query<'listApiKeys'> = {}, options?: ScopedRequestOptions): Promise<ListPage<ApiKey>> =>
    readPage(scoped.GET('/api-keys', { params: { query }, ...toInit(options) })),

  /** Returns the caller's own key of that name. */
  get: (name: string, options?: ScopedRequestOptions): Promise<ApiKey> =>
    unwrap(scoped.GET('/api-keys/{name}', { params: { path: { name } }, ...toInit(options) })),

  /** Returns the key that authenticates this client. */
  current: (options?: RequestOptions): Promise<ApiKey> => unwrap(plain.GET('/api-keys/current', toInit(options))),

  /** Issues a new secret for the key. The old one ends at once, unless a grace period is given. */
  rotate: (name: string, rotation: Body<'rotateApiKey'> = {}, options?: ScopedRequestOptions): Promise<IssuedApiKey> =>
    unwrap(scoped.POST('/api-keys/{name}/rotate', { params: { path: { name } }, body: rotation, ...toInit(options) })),

  /** Ends the secrets that rotations left valid, at once. The current one stays. */
  endPreviousSecrets: (name: string, options?: ScopedRequestOptions): Promise<ApiKey> =>
    unwrap(scoped.POST('/api-keys/{name}/end-previous-secrets', { params: { path: { name } }, ...toInit(options) })),

  /** Changes name, description, permissions or expiry. Absent members stay as they are. */
  update: (name: string, change: Body<'updateApiKey'>, options?: ScopedRequestOptions): Promise<ApiKey> =>
    unwrap(scoped.PATCH('/api-keys/{name}', { params: { path: { name } }, body: change, ...toInit(options) })),

  delete: (name: string, options?: ScopedRequestOptions): Promise<void> =>
    unwrapEmpty(scoped.DELETE('/api-keys/{name}', { params: { path: { name } }, ...toInit(options) })),

  /** Deletes another user's key, for administrators. */
  deleteForUser: (userId: string, name: string, options?: ScopedRequestOptions): Promise<void> =>
    unwrapEmpty(scoped.DELETE('/api-keys/{userId}/{name}', { params: { path: { userId, name } }, ...toInit(options) })),

  /** Deletes up to 100 keys by their ids, in one transaction. */
  revokeMany: async (ids: readonly string[], options?: ScopedRequestOptions): Promise<ApiKeyRevocation[]> => {
    const body = { keys: [...ids] }
    return (await unwrap(scoped.POST('/api-keys/revoke-many', { body, ...toInit(options) }))).results
  },

  usage: (name: string, query: Query<'getApiKeyUsage'> = {}, options?: ScopedRequestOptions): Promise<ApiKeyUsage> =>
    unwrap(scoped.GET('/api-keys/{name}/usage', { params: { path: { name }, query }, ...toInit(options) })),
})
