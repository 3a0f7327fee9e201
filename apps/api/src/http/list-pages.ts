import { hash } from 'node:crypto'
import type { Page, PageRequest } from '@daytona-auth/db/core'
import { boundedText, maximumOf, numberParameter } from '@daytona-auth/service'
import type { FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import * as z from 'zod'
import { decodeCursor, encodeCursor } from './cursor.ts'

// Paginated lists. A page is an array, as stock clients expect; the `Link` header names the next one.

/** The maximum and default number of items of a page. */
const MAX_ITEMS = 1000

/** The query members of every list in pages. */
export const pageQuery = {
  limit: numberParameter(z.int().min(1).max(MAX_ITEMS))
    .default(MAX_ITEMS)
    .describe(`The maximum number of items of a page. Default: ${MAX_ITEMS}`),
  cursor: boundedText({ max: 4096 })
    .optional()
    .describe(
      'Where the page begins. Take it, with the rest of the query, from the `Link` header of the previous page',
    ),
}

export const PageQuery = z.object(pageQuery)

/** The schema of a response that is a page of a list. */
export function pageOf<Item extends z.ZodType>(item: Item, description?: string): z.ZodArray<Item> {
  const list = z.array(item)
  const described = description === undefined ? list : list.describe(description)
  pages.add(described)
  return described
}

const pages = new WeakSet<z.ZodType>()

/** Whether a response schema is an array whose length is limited by pages. */
export const isPage = (schema: unknown): boolean => schema instanceof z.ZodType && pages.has(schema)

/** The type of a list's order value in a cursor: see `Keyset` in packages/db. */
export const BY_ID = z.null()
export const BY_TEXT = z
  .string()
  .max(1024)
  .regex(/^[^\0]*$/)
/** Microseconds since the epoch, or a count. */
export const BY_NUMBER = z.int().min(0)

interface ListRequest<Value> {
  readonly request: FastifyRequest
  readonly reply: { header(name: string, value: string): unknown }
  readonly orderedBy: z.ZodType<Value>
  /** Query members for the next pages that the request lacks: values computed for the first page. */
  readonly query?: Readonly<Record<string, string>>
}

/**
 * Reads the requested page and names the next one in the `Link` header (RFC 8288).
 * @throws Denial 400 for a cursor of another list, organization, user or filter
 */
export async function readPage<Value, Result extends Page<unknown, Value>>(
  { request, reply, orderedBy, query = {} }: ListRequest<Value>,
  read: (page: PageRequest<Value>) => Promise<Result>,
): Promise<Result> {
  // Validated by the schema that `listPages` requires.
  const { limit, cursor, ...filter } = request.query as z.output<typeof PageQuery>
  const kept: Record<string, string> = { ...query, ...filter }
  const label = labelOf(request, kept)
  const after = cursor === undefined ? undefined : decodeCursor(cursor, { label, value: orderedBy, message: FOREIGN })
  const page = await read({ limit, after })
  if (page.next !== null) {
    const next = new URLSearchParams({ ...kept, limit: String(limit), cursor: encodeCursor(label, page.next) })
    // Without a path: clients resolve it against the URL they requested, even if a proxy rewrote that.
    reply.header('link', `<?${next}>; rel="next"`)
  }
  return page
}

const FOREIGN = 'must come from the Link header of a page of this list'

/** 72 bits, enough to detect a mistake. A cursor grants no access: each statement names its organization or user. */
const LABEL_CHARS = 12

/** Identifies the list: route, organization or user, and filter. */
function labelOf(request: FastifyRequest, filter: Readonly<Record<string, string>>): string {
  const { url, config } = request.routeOptions
  const owner = config.organization === 'none' ? request.principal.userId : request.organization.organizationId
  const members = Object.entries(filter).sort(([one], [other]) => (one < other ? -1 : 1))
  return hash('sha256', JSON.stringify([url, owner, request.params, members]), 'base64url').slice(0, LABEL_CHARS)
}

/** Fails startup if a route answers an array whose length neither pages nor its schema limit. */
export const listPages = fp(
  async (app) => {
    app.addHook('onRoute', ({ method, url, schema }: RouteOptions) => {
      for (const response of Object.values((schema?.response ?? {}) as Record<string, unknown>)) {
        if (!(response instanceof z.ZodArray) || maximumOf(response) !== undefined) continue
        if (isPage(response) && takesPages(schema?.querystring)) continue
        throw new Error(`${method} ${url} answers an array that is not in pages: use pageOf and pageQuery`)
      }
    })
  },
  { name: 'list-pages' },
)

const takesPages = (query: unknown): boolean =>
  query instanceof z.ZodObject && query.shape['limit'] === pageQuery.limit && query.shape['cursor'] === pageQuery.cursor
