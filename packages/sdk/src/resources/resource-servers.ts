import { type Http, type ScopedRequestOptions, toInit, unwrap, unwrapEmpty } from '../http.ts'
import { collectPages } from '../pages.ts'
import type { Body, ResourceServer } from '../schemas.ts'

/** APIs of the organization with their own audience and scopes (RFC 8707). */
export const resourceServers = ({ scoped }: Http) => ({
  /** Registers an API. Its identifier, the `aud` of its tokens, cannot be changed. */
  create: (server: Body<'createResourceServer'>, options?: ScopedRequestOptions): Promise<ResourceServer> =>
    unwrap(scoped.POST('/resource-servers', { body: server, ...toInit(options) })),

  list: (options?: ScopedRequestOptions): Promise<ResourceServer[]> =>
    collectPages({}, (query) => scoped.GET('/resource-servers', { params: { query }, ...toInit(options) })),

  get: (id: string, options?: ScopedRequestOptions): Promise<ResourceServer> =>
    unwrap(scoped.GET('/resource-servers/{resourceServerId}', { params: pathOf(id), ...toInit(options) })),

  /** Changes an API. Tokens lose removed scopes; while it is disabled, none are issued or active. */
  update: (id: string, server: Body<'updateResourceServer'>, options?: ScopedRequestOptions): Promise<ResourceServer> =>
    unwrap(
      scoped.PATCH('/resource-servers/{resourceServerId}', { params: pathOf(id), body: server, ...toInit(options) }),
    ),

  /** Deletes an API, which ends its tokens. */
  delete: (id: string, options?: ScopedRequestOptions): Promise<void> =>
    unwrapEmpty(scoped.DELETE('/resource-servers/{resourceServerId}', { params: pathOf(id), ...toInit(options) })),
})

const pathOf = (id: string) => ({ path: { resourceServerId: id } })
