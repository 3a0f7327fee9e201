import { given, type Http, init, type ScopedRequestOptions } from '../http.ts'
import type { Body, Query, Volume } from '../schemas.ts'

export const volumes = ({ scoped }: Http) => ({
  create: (volume: Body<'createVolume'>, options?: ScopedRequestOptions): Promise<Volume> =>
    given(scoped.POST('/volumes', { body: volume, ...init(options) })),

  list: (query: Query<'listVolumes'> = {}, options?: ScopedRequestOptions): Promise<Volume[]> =>
    given(scoped.GET('/volumes', { params: { query }, ...init(options) })),

  get: (volumeId: string, options?: ScopedRequestOptions): Promise<Volume> =>
    given(scoped.GET('/volumes/{volumeId}', { params: { path: { volumeId } }, ...init(options) })),

  getByName: (name: string, options?: ScopedRequestOptions): Promise<Volume> =>
    given(scoped.GET('/volumes/by-name/{name}', { params: { path: { name } }, ...init(options) })),

  delete: (volumeId: string, options?: ScopedRequestOptions): Promise<Volume> =>
    given(scoped.DELETE('/volumes/{volumeId}', { params: { path: { volumeId } }, ...init(options) })),
})
