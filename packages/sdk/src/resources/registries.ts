import { type Http, type ScopedRequestOptions, toInit, unwrap, unwrapEmpty } from '../http.ts'
import { collectPages } from '../pages.ts'
import type { Body, DockerRegistry } from '../schemas.ts'

/** Docker registries. Passwords are never returned. */
export const registries = ({ scoped }: Http) => ({
  create: (registry: Body<'createRegistry'>, options?: ScopedRequestOptions): Promise<DockerRegistry> =>
    unwrap(scoped.POST('/docker-registry', { body: registry, ...toInit(options) })),

  list: (options?: ScopedRequestOptions): Promise<DockerRegistry[]> =>
    collectPages({}, (query) => scoped.GET('/docker-registry', { params: { query }, ...toInit(options) })),

  get: (id: string, options?: ScopedRequestOptions): Promise<DockerRegistry> =>
    unwrap(scoped.GET('/docker-registry/{id}', { params: { path: { id } }, ...toInit(options) })),

  update: (id: string, registry: Body<'updateRegistry'>, options?: ScopedRequestOptions): Promise<DockerRegistry> =>
    unwrap(scoped.PATCH('/docker-registry/{id}', { params: { path: { id } }, body: registry, ...toInit(options) })),

  delete: (id: string, options?: ScopedRequestOptions): Promise<void> =>
    unwrapEmpty(scoped.DELETE('/docker-registry/{id}', { params: { path: { id } }, ...toInit(options) })),
})
