import {
  type AnchorSigner,
  type AuditEventRow,
  type AuditFilter,
  type AuditPosition,
  countAuditEvents,
  type Database,
  findAuditEventAt,
  listAuditAnchors,
  listAuditEvents,
  type OrganizationId,
  readWithTimeout,
  verifyAuditChain,
} from '@daytona-auth/db'
import { badRequest, unavailable, unprocessable } from '@daytona-auth/service'
import type * as z from 'zod'
import { instant } from '../../http/schemas.ts'
import { filterOf } from './filter.ts'
import { type AuditVerification, decodeToken, type ListAuditQuery, MOST_BY_NUMBER } from './schema.ts'

export interface AuditDependencies {
  readonly database: Database
  /** Knows the anchors of months that were dropped; without it none is believed. */
  readonly anchors?: AnchorSigner | undefined
}

const PAGE_MS = 4000
/** A page of an export may have to look for its events for longer. */
const EXPORT_PAGE_MS = 9_000
const EXPORT_PAGE = 500

/** Verifications under way in this process at most, each with a connection to itself. */
const MAX_VERIFICATIONS = 3

/** A page of the organization's trail. @throws Refusal 400 for a page too far, 422 for a search that takes too long. */
export async function list(
  { database }: AuditDependencies,
  organizationId: OrganizationId,
  query: z.output<typeof ListAuditQuery>,
) {
  const { page, limit, nextToken } = query
  const filter = filterOf(query)
  const after = nextToken === undefined ? undefined : decodeToken(nextToken)
  const offset = after ? 0 : (page - 1) * limit
  if (offset + limit > MOST_BY_NUMBER && offset > 0) {
    const message = `reaches the newest ${MOST_BY_NUMBER} events only: go on with nextToken, or narrow the search`
    throw badRequest(`page: ${message}`, [{ path: 'page', message }], 'invalid_cursor')
  }
  return readWithTimeout(database, PAGE_MS, async (tx) => {
    const { rows, next } = await listAuditEvents(tx, organizationId, filter, { limit, after, offset })
    // What fits on the first page needs no counting.
    const isAll = after === undefined && offset === 0 && next === null
    const total = isAll ? rows.length : await countAuditEvents(tx, organizationId, filter, MOST_BY_NUMBER)
    return { rows, next, total, totalPages: Math.ceil(total / limit) }
  }).catch(explain)
}

/**
 * All events that a filter finds, newest first, a few hundred at a time: the next ones are read when the reader has taken
 * those before, and no transaction is open meanwhile.
 */
export async function* pages(
  { database }: AuditDependencies,
  organizationId: OrganizationId,
  filter: AuditFilter,
): AsyncGenerator<AuditEventRow[]> {
  let after: AuditPosition | undefined
  do {
    const { rows, next } = await readWithTimeout(database, EXPORT_PAGE_MS, (tx) =>
      listAuditEvents(tx, organizationId, filter, { limit: EXPORT_PAGE, after }),
    ).catch(explain)
    yield rows
    after = next ?? undefined
  } while (after)
}

export type Verify = (organizationId: OrganizationId) => Promise<z.output<typeof AuditVerification>>

/** Verifies chains, each one once however many ask for it at the same time. @throws Refusal 503 when many are under way. */
export function verifications(dependencies: AuditDependencies): Verify {
  const underWay = new Map<OrganizationId, ReturnType<Verify>>()
  return (organizationId) => {
    const joined = underWay.get(organizationId)
    if (joined) return joined
    if (underWay.size >= MAX_VERIFICATIONS) throw unavailable('too many verifications are under way', 5)
    const verification = verify(dependencies, organizationId).finally(() => underWay.delete(organizationId))
    underWay.set(organizationId, verification)
    return verification
  }
}

async function verify({ database, anchors }: AuditDependencies, organizationId: OrganizationId) {
  const { events, brokenAt } = await verifyAuditChain(
    database,
    organizationId,
    anchors && { isGenuine: anchors.isGenuine },
  )
  const dropped = await listAuditAnchors(database, organizationId)
  return {
    valid: brokenAt === null,
    events,
    brokenAt,
    brokenEventId: brokenAt === null ? null : await findAuditEventAt(database, organizationId, brokenAt),
    dropped: dropped.map(({ droppedPartition, createdAt }) => ({
      month: droppedPartition.slice(-'2030_01'.length).replace('_', '-'),
      droppedAt: instant(createdAt),
    })),
  }
}

/** PostgreSQL has stopped it: query_canceled. */
const isTooSlow = (error: unknown): boolean =>
  error instanceof Error && (('code' in error && error.code === '57014') || isTooSlow(error.cause))

function explain(error: unknown): never {
  throw isTooSlow(error)
    ? unprocessable('search_too_slow', 'The search takes too long: narrow it with from and to')
    : error
}
