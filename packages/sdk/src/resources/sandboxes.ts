import { type Http, type ScopedRequestOptions, toInit, unwrap } from '../http.ts'
import { paginate } from '../pages.ts'
import type { Body, Query, Sandbox, SandboxLabels, SandboxListItem, SandboxPage } from '../schemas.ts'

const SANDBOX = '/sandbox/{sandboxIdOrName}'

type Filter = Omit<Query<'listSandboxes'>, 'cursor'>

export const sandboxes = ({ scoped }: Http) => {
  const list = (query: Query<'listSandboxes'> = {}, options?: ScopedRequestOptions): Promise<SandboxPage> =>
    unwrap(scoped.GET('/sandbox', { params: { query }, ...toInit(options) }))

  return {
    create: (sandbox: Body<'createSandbox'>, options?: ScopedRequestOptions): Promise<Sandbox> =>
      unwrap(scoped.POST('/sandbox', { body: sandbox, ...toInit(options) })),

    /** Returns one page. */
    list,

    /** Iterates over all sandboxes, page by page. */
    all: (filter: Filter = {}, options?: ScopedRequestOptions): AsyncGenerator<SandboxListItem, void> =>
      paginate<SandboxListItem, string>(async (cursor) => {
        const page = await list({ ...filter, ...(cursor !== undefined && { cursor }) }, options)
        return { items: page.items, next: page.nextCursor ?? undefined }
      }),

    get: (sandboxIdOrName: string, options?: ScopedRequestOptions): Promise<Sandbox> =>
      unwrap(scoped.GET(SANDBOX, { params: { path: { sandboxIdOrName } }, ...toInit(options) })),

    delete: (sandboxIdOrName: string, options?: ScopedRequestOptions): Promise<Sandbox> =>
      unwrap(scoped.DELETE(SANDBOX, { params: { path: { sandboxIdOrName } }, ...toInit(options) })),

    replaceLabels: (
      sandboxIdOrName: string,
      labels: Record<string, string>,
      options?: ScopedRequestOptions,
    ): Promise<SandboxLabels> =>
      unwrap(
        scoped.PUT(`${SANDBOX}/labels`, {
          params: { path: { sandboxIdOrName } },
          body: { labels },
          ...toInit(options),
        }),
      ),

    /** Reports the state of a sandbox, for its runner. */
    reportState: (
      sandboxIdOrName: string,
      report: Body<'updateSandboxState'>,
      options?: ScopedRequestOptions,
    ): Promise<Sandbox> =>
      unwrap(
        scoped.PUT(`${SANDBOX}/state`, { params: { path: { sandboxIdOrName } }, body: report, ...toInit(options) }),
      ),
  }
}
