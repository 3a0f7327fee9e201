import { type Http, type ScopedRequestOptions, toInit, unwrap } from '../http.ts'
import { collectPages } from '../pages.ts'
import type { Body, Query, Volume } from '../schemas.ts'

export const volumes = ({ scoped }: Http) => ({
  create: (volume: Body<'createVolume'>, options?: ScopedRequestOptions): Promise<Volume> =>
    unwrap(scoped.POST('/volumes', { body: volume, ...toInit(options) })),

  /** Lists volumes of all pages. */
  list: (query: Omit<Query<'listVolumes'>, 'cursor'> = {}, options?: ScopedRequestOptions): Promise<Volume[]> =>
    collectPages(query, (page) => scoped.GET('/volumes', { params: { query: page }, ...toInit(options) })),

  get: (volumeId: string, options?: ScopedRequestOptions): Promise<Volume> =>
    unwrap(scoped.GET('/volumes/{volumeId}', { params: { path: { volumeId } }, ...toInit(options) })),

  getByName: (name: string, options?: ScopedRequestOptions): Promise<Volume> =>
    unwrap(scoped.GET('/volumes/by-name/{name}', { params: { path: { name } }, ...toInit(options) })),

  delete: (volumeId: string, options?: ScopedRequestOptions): Promise<Volume> =>
    unwrap(scoped.DELETE('/volumes/{volumeId}', { params: { path: { volumeId } }, ...toInit(options) })),
})
