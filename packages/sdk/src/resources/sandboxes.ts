import { given, type Http, init, type ScopedRequestOptions } from '../http.ts'
import { items } from '../pages.ts'
import type { Body, Query, Sandbox, SandboxLabels, SandboxListItem, SandboxPage } from '../schemas.ts'

const SANDBOX = '/sandbox/{sandboxIdOrName}'

type Filter = Omit<Query<'listSandboxes'>, 'cursor'>

export const sandboxes = ({ scoped }: Http) => {
  const list = (query: Query<'listSandboxes'> = {}, options?: ScopedRequestOptions): Promise<SandboxPage> =>
    given(scoped.GET('/sandbox', { params: { query }, ...init(options) }))

  return {
    create: (sandbox: Body<'createSandbox'>, options?: ScopedRequestOptions): Promise<Sandbox> =>
      given(scoped.POST('/sandbox', { body: sandbox, ...init(options) })),

    /** One page of them. */
    list,

    /** All of them, page by page. */
    all: (filter: Filter = {}, options?: ScopedRequestOptions): AsyncGenerator<SandboxListItem, void> =>
      items<SandboxListItem, string>(async (cursor) => {
        const page = await list({ ...filter, ...(cursor !== undefined && { cursor }) }, options)
        return { items: page.items, next: page.nextCursor ?? undefined }
      }),

    get: (sandboxIdOrName: string, options?: ScopedRequestOptions): Promise<Sandbox> =>
      given(scoped.GET(SANDBOX, { params: { path: { sandboxIdOrName } }, ...init(options) })),

    delete: (sandboxIdOrName: string, options?: ScopedRequestOptions): Promise<Sandbox> =>
      given(scoped.DELETE(SANDBOX, { params: { path: { sandboxIdOrName } }, ...init(options) })),

    replaceLabels: (
      sandboxIdOrName: string,
      labels: Record<string, string>,
      options?: ScopedRequestOptions,
    ): Promise<SandboxLabels> =>
      given(
        scoped.PUT(`${SANDBOX}/labels`, { params: { path: { sandboxIdOrName } }, body: { labels }, ...init(options) }),
      ),

    /** For who runs it. */
    reportState: (
      sandboxIdOrName: string,
      report: Body<'updateSandboxState'>,
      options?: ScopedRequestOptions,
    ): Promise<Sandbox> =>
      given(scoped.PUT(`${SANDBOX}/state`, { params: { path: { sandboxIdOrName } }, body: report, ...init(options) })),
  }
}
