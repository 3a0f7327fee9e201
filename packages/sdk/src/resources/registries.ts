import { done, given, type Http, init, type ScopedRequestOptions } from '../http.ts'
import { allItems } from '../pages.ts'
import type { Body, DockerRegistry } from '../schemas.ts'

/** Where images are kept. A password is taken and never given back. */
export const registries = ({ scoped }: Http) => ({
  create: (registry: Body<'createRegistry'>, options?: ScopedRequestOptions): Promise<DockerRegistry> =>
    given(scoped.POST('/docker-registry', { body: registry, ...init(options) })),

  list: (options?: ScopedRequestOptions): Promise<DockerRegistry[]> =>
    allItems({}, (query) => scoped.GET('/docker-registry', { params: { query }, ...init(options) })),

  get: (id: string, options?: ScopedRequestOptions): Promise<DockerRegistry> =>
    given(scoped.GET('/docker-registry/{id}', { params: { path: { id } }, ...init(options) })),

  update: (id: string, registry: Body<'updateRegistry'>, options?: ScopedRequestOptions): Promise<DockerRegistry> =>
    given(scoped.PATCH('/docker-registry/{id}', { params: { path: { id } }, body: registry, ...init(options) })),

  delete: (id: string, options?: ScopedRequestOptions): Promise<void> =>
    done(scoped.DELETE('/docker-registry/{id}', { params: { path: { id } }, ...init(options) })),
})
