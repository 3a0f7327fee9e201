import { given, type Http, init, type ScopedRequestOptions } from '../http.ts'
import { allItems } from '../pages.ts'
import type { Body, Query, Volume } from '../schemas.ts'

export const volumes = ({ scoped }: Http) => ({
  create: (volume: Body<'createVolume'>, options?: ScopedRequestOptions): Promise<Volume> =>
    given(scoped.POST('/volumes', { body: volume, ...init(options) })),

  /** All of them, from all pages. */
  list: (query: Omit<Query<'listVolumes'>, 'cursor'> = {}, options?: ScopedRequestOptions): Promise<Volume[]> =>
    allItems(query, (page) => scoped.GET('/volumes', { params: { query: page }, ...init(options) })),

  get: (volumeId: string, options?: ScopedRequestOptions): Promise<Volume> =>
    given(scoped.GET('/volumes/{volumeId}', { params: { path: { volumeId } }, ...init(options) })),

  getByName: (name: string, options?: ScopedRequestOptions): Promise<Volume> =>
    given(scoped.GET('/volumes/by-name/{name}', { params: { path: { name } }, ...init(options) })),

  delete: (volumeId: string, options?: ScopedRequestOptions): Promise<Volume> =>
    given(scoped.DELETE('/volumes/{volumeId}', { params: { path: { volumeId } }, ...init(options) })),
})
