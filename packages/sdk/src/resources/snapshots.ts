import { given, type Http, init, type ScopedRequestOptions } from '../http.ts'
import { items } from '../pages.ts'
import type { Body, Query, Snapshot, SnapshotPage } from '../schemas.ts'

type Filter = Omit<Query<'getAllSnapshots'>, 'page'>

export const snapshots = ({ scoped }: Http) => {
  const list = (query: Query<'getAllSnapshots'> = {}, options?: ScopedRequestOptions): Promise<SnapshotPage> =>
    given(scoped.GET('/snapshots', { params: { query }, ...init(options) }))

  return {
    create: (snapshot: Body<'createSnapshot'>, options?: ScopedRequestOptions): Promise<Snapshot> =>
      given(scoped.POST('/snapshots', { body: snapshot, ...init(options) })),

    /** One page of them. */
    list,

    /** All of them, page by page. Pages are numbered: what is made or deleted meanwhile may be met twice, or not at all. */
    all: (filter: Filter = {}, options?: ScopedRequestOptions): AsyncGenerator<Snapshot, void> =>
      items<Snapshot, number>(async (page = 1) => {
        const { items, totalPages } = await list({ ...filter, page }, options)
        return { items, next: page < totalPages ? page + 1 : undefined }
      }),

    get: (id: string, options?: ScopedRequestOptions): Promise<Snapshot> =>
      given(scoped.GET('/snapshots/{id}', { params: { path: { id } }, ...init(options) })),

    delete: (id: string, options?: ScopedRequestOptions): Promise<Snapshot> =>
      given(scoped.DELETE('/snapshots/{id}', { params: { path: { id } }, ...init(options) })),
  }
}
