import { hash } from 'node:crypto'
import type { Page, PageRequest } from '@daytona-auth/db'
import { boundedText, maximumOf, numberParameter } from '@daytona-auth/service'
import type { FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import * as z from 'zod'
import { decodeCursor, encodeCursor } from './cursor.ts'

// Lists in pages. A page is an array as stock clients expect it; the next one is named by the Link header.

/** The most items of a page, and as many unless the request limits them. */
const MAX_ITEMS = 1000

/** The query members of every list in pages. */
export const pageQuery = {
  limit: numberParameter(z.int().min(1).max(MAX_ITEMS))
    .default(MAX_ITEMS)
    .describe(`The most items of a page, ${MAX_ITEMS} unless given`),
  cursor: boundedText({ max: 4096 })
    .optional()
    .describe('Where the page begins. Take it, with the rest of the query, from the `Link` header of the page before'),
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

/** Whether a response schema is an array, and whether its length is limited by pages. */
export const isPage = (schema: unknown): boolean => schema instanceof z.ZodType && pages.has(schema)

/** What lists are ordered by, as it is in a cursor: see `Keyset` in packages/db. */
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
  /** Query members of the next pages where the request has none: what was computed for the first page. */
  readonly query?: Readonly<Record<string, string>>
}

/**
 * Reads the page that a request is for, and names the next one in the `Link` header (RFC 8288).
 * @throws Refusal 400 for a cursor of another list, organization, user or filter
 */
export async function readPage<Value, Result extends Page<unknown, Value>>(
  { request, reply, orderedBy, query = {} }: ListRequest<Value>,
  read: (page: PageRequest<Value>) => Promise<Result>,
): Promise<Result> {
  // Validated by the schema that `listPages` requires.
  const { limit, cursor, ...filter } = request.query as z.output<typeof PageQuery>
  const kept: Record<string, string> = { ...query, ...filter }
  const label = labelOf(request, kept)
  const after = cursor === undefined ? undefined : decodeCursor(label, cursor, orderedBy, FOREIGN)
  const page = await read({ limit, after })
  if (page.next !== null) {
    const next = new URLSearchParams({ ...kept, limit: String(limit), cursor: encodeCursor(label, page.next) })
    // Without a path: it is resolved against the URL that the client requested, whatever a proxy made of that.
    reply.header('link', `<?${next}>; rel="next"`)
  }
  return page
}

const FOREIGN = 'is not of the Link header of a page of this list'

/** As many bits as prevent a mistake. A cursor gives no access: each statement names its organization or user. */
const LABEL_CHARS = 12

/** Stands for the list: route, organization or user, and filter. */
function labelOf(request: FastifyRequest, filter: Readonly<Record<string, string>>): string {
  const { url, config } = request.routeOptions
  const owner = config.organization === 'none' ? request.principal.userId : request.organization.organizationId
  const members = Object.entries(filter).sort(([one], [other]) => (one < other ? -1 : 1))
  return hash('sha256', JSON.stringify([url, owner, request.params, members]), 'base64url').slice(0, LABEL_CHARS)
}

/** Refuses to start with a route that answers an array whose length is limited neither by pages nor by its schema. */
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
