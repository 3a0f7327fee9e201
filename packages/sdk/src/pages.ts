import { DaytonaAuthError } from './error.ts'

/** Items of all pages, each page asked for when the one before is used up; `next` is `undefined` after the last. */
export async function* items<Item, Token>(
  pageAt: (token: Token | undefined) => Promise<{ items: readonly Item[]; next: Token | undefined }>,
): AsyncGenerator<Item, void, undefined> {
  let token: Token | undefined
  do {
    const page = await pageAt(token)
    yield* page.items
    token = page.next
  } while (token !== undefined)
}

/** What a list of the API answers: an array, and in the `Link` header the next page. */
interface ListAnswer<Item> {
  readonly data?: readonly Item[] | undefined
  readonly error?: unknown
  readonly response: Response
}

/**
 * Items of all pages of a list, each page requested when the one before is used up.
 * @throws DaytonaAuthError for a refusal
 */
export function linkedItems<Item, Query extends object>(
  query: Query,
  pageAt: (query: Query) => Promise<ListAnswer<Item>>,
): AsyncGenerator<Item, void, undefined> {
  return items<Item, object>(async (next) => {
    // The link has the members of the query, as text.
    const { data, error, response } = await pageAt({ ...query, ...next })
    if (!response.ok) throw new DaytonaAuthError(response, error)
    return { items: data ?? [], next: nextQuery(response.headers) }
  })
}

/** As `linkedItems`, when all pages are there. */
export async function allItems<Item, Query extends object>(
  query: Query,
  pageAt: (query: Query) => Promise<ListAnswer<Item>>,
): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of linkedItems(query, pageAt)) all.push(item)
  return all
}

/** The query of the link to the next page (RFC 8288). Only the query: a link leads to no other server or operation. */
export function nextQuery(headers: Headers): Record<string, string> | undefined {
  const [, target] = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(headers.get('link') ?? '') ?? []
  if (target === undefined) return undefined
  const at = target.indexOf('?')
  return at === -1 ? undefined : Object.fromEntries(new URLSearchParams(target.slice(at)))
}
