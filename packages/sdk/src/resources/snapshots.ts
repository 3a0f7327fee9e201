import { type Http, type ScopedRequestOptions, toInit, unwrap } from '../http.ts'
import { paginate } from '../pages.ts'
import type { Body, Query, Snapshot, SnapshotPage } from '../schemas.ts'

type Filter = Omit<Query<'getAllSnapshots'>, 'page'>

export const snapshots = ({ scoped }: Http) => {
  const list = (query: Query<'getAllSnapshots'> = {}, options?: ScopedRequestOptions): Promise<SnapshotPage> =>
    unwrap(scoped.GET('/snapshots', { params: { query }, ...toInit(options) }))

  return {
    create: (snapshot: Body<'createSnapshot'>, options?: ScopedRequestOptions): Promise<Snapshot> =>
      unwrap(scoped.POST('/snapshots', { body: snapshot, ...toInit(options) })),

    /** Returns one page. */
    list,

    /** Iterates over all snapshots by page number. Concurrent changes can repeat or skip items. */
    all: (filter: Filter = {}, options?: ScopedRequestOptions): AsyncGenerator<Snapshot, void> =>
      paginate<Snapshot, number>(async (page = 1) => {
        const { items, totalPages } = await list({ ...filter, page }, options)
        return { items, next: page < totalPages ? page + 1 : undefined }
      }),

    get: (id: string, options?: ScopedRequestOptions): Promise<Snapshot> =>
      unwrap(scoped.GET('/snapshots/{id}', { params: { path: { id } }, ...toInit(options) })),

    delete: (id: string, options?: ScopedRequestOptions): Promise<Snapshot> =>
      unwrap(scoped.DELETE('/snapshots/{id}', { params: { path: { id } }, ...toInit(options) })),
  }
}
