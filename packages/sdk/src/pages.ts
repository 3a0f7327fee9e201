import { DaytonaAuthError } from './error.ts'

/** Iterates over all pages, requesting each when the previous one is consumed. `next` is `undefined` after the last. */
export async function* paginate<Item, Token>(
  pageAt: (token: Token | undefined) => Promise<{ items: readonly Item[]; next: Token | undefined }>,
): AsyncGenerator<Item, void, undefined> {
  let token: Token | undefined
  do {
    const page = await pageAt(token)
    yield* page.items
    token = page.next
  } while (token !== undefined)
}

/** A list response: an array, and the next page in the `Link` header. */
interface ListResponse<Item> {
  readonly data?: readonly Item[] | undefined
  readonly error?: unknown
  readonly response: Response
}

/**
 * Iterates over a list by its `Link` headers, requesting each page when the previous one is consumed.
 * @throws DaytonaAuthError for an error response
 */
export function paginateByLink<Item, Query extends object>(
  query: Query,
  pageAt: (query: Query) => Promise<ListResponse<Item>>,
): AsyncGenerator<Item, void, undefined> {
  return paginate<Item, object>(async (next) => {
    // The link contains the members of the query as text.
    const { data, error, response } = await pageAt({ ...query, ...next })
    if (!response.ok) throw new DaytonaAuthError(response, error)
    return { items: data ?? [], next: readNextQuery(response.headers) }
  })
}

/** A page of a list, and the `cursor` of the next one; undefined after the last. */
export interface ListPage<Item> {
  readonly items: readonly Item[]
  readonly next: string | undefined
}

/** Reads one page of a list. @throws DaytonaAuthError if the API denies it */
export async function readPage<Item>(answer: Promise<ListResponse<Item>>): Promise<ListPage<Item>> {
  const { data, error, response } = await answer
  if (!response.ok) throw new DaytonaAuthError(response, error)
  return { items: data ?? [], next: readNextQuery(response.headers)?.['cursor'] }
}

/** Collects the items of all pages. */
export async function collectPages<Item, Query extends object>(
  query: Query,
  pageAt: (query: Query) => Promise<ListResponse<Item>>,
): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of paginateByLink(query, pageAt)) all.push(item)
  return all
}

/** Reads the query of the link to the next page (RFC 8288). Its host and path are ignored. */
export function readNextQuery(headers: Headers): Record<string, string> | undefined {
  const [, target] = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(headers.get('link') ?? '') ?? []
  if (target === undefined) return undefined
  const at = target.indexOf('?')
  return at === -1 ? undefined : Object.fromEntries(new URLSearchParams(target.slice(at)))
}
