import {
  type AnchorSigner,
  type AuditEventRow,
  type AuditFilter,
  type AuditPosition,
  countAuditEvents,
  findAuditEventAt,
  listAuditAnchors,
  listAuditEvents,
  readWithTimeout,
  verifyAuditChain,
} from '@daytona-auth/db/audit'
import type { Database, OrganizationId } from '@daytona-auth/db/core'
import { badRequest, unavailable } from '@daytona-auth/service'
import type * as z from 'zod'
import { instant } from '../../http/schemas.ts'
import { denySlowSearch } from '../../http/slow-search.ts'
import { filterOf } from './filter.ts'
import { type AuditVerification, decodeToken, type ListAuditQuery, MOST_BY_NUMBER } from './schema.ts'

export interface AuditDependencies {
  readonly database: Database
  /** Verifies the anchors of dropped months. Without it, no anchor is trusted. */
  readonly anchors?: AnchorSigner | undefined
}

const PAGE_MS = 4000
/** An export's page may search longer for its events. */
const EXPORT_PAGE_MS = 9_000
const EXPORT_PAGE = 500

/** The maximum number of concurrent verifications in this process. Each occupies a connection. */
const MAX_VERIFICATIONS = 3

/**
 * Reads a page of the organization's audit trail.
 * @throws Denial 400 for a page beyond `MOST_BY_NUMBER` events, 422 for a search that takes too long
 */
export async function readAuditPage(
  { database }: AuditDependencies,
  organizationId: OrganizationId,
  query: z.output<typeof ListAuditQuery>,
) {
  const { page, limit, nextToken } = query
  const filter = filterOf(query)
  const after = nextToken === undefined ? undefined : decodeToken(nextToken)
  const offset = after ? 0 : (page - 1) * limit
  if (offset + limit > MOST_BY_NUMBER && offset > 0) {
    const message = `reaches the newest ${MOST_BY_NUMBER} events only: continue with nextToken, or narrow the search`
    throw badRequest(`page: ${message}`, [{ path: 'page', message }], 'invalid_cursor')
  }
  return readWithTimeout(database, PAGE_MS, async (tx) => {
    const { rows, next } = await listAuditEvents(tx, organizationId, filter, { limit, after, offset })
    // A result that fits on the first page needs no count.
    const isAll = after === undefined && offset === 0 && next === null
    const total = isAll ? rows.length : await countAuditEvents(tx, organizationId, filter, MOST_BY_NUMBER)
    return { rows, next, total, totalPages: Math.ceil(total / limit) }
  }).catch(denySlowSearch('narrow it with from and to'))
}

/**
 * Reads all events that match a filter, newest first, a few hundred at a time. The next ones are read when the consumer
 * has taken the previous ones; no transaction is open in between.
 */
export async function* readAuditPages(
  { database }: AuditDependencies,
  organizationId: OrganizationId,
  filter: AuditFilter,
): AsyncGenerator<AuditEventRow[]> {
  let after: AuditPosition | undefined
  do {
    const { rows, next } = await readWithTimeout(database, EXPORT_PAGE_MS, (tx) =>
      listAuditEvents(tx, organizationId, filter, { limit: EXPORT_PAGE, after }),
    ).catch(denySlowSearch('narrow it with from and to'))
    yield rows
    after = next ?? undefined
  } while (after)
}

export type VerifyChain = (organizationId: OrganizationId) => Promise<z.output<typeof AuditVerification>>

/** Verifies audit chains. Concurrent requests for one chain share a run. @throws Denial 503 past the maximum */
export function createChainVerifier(dependencies: AuditDependencies): VerifyChain {
  const running = new Map<OrganizationId, ReturnType<VerifyChain>>()
  return (organizationId) => {
    const current = running.get(organizationId)
    if (current) return current
    if (running.size >= MAX_VERIFICATIONS) throw unavailable('too many concurrent verifications', 5)
    const verification = verifyChain(dependencies, organizationId).finally(() => running.delete(organizationId))
    running.set(organizationId, verification)
    return verification
  }
}

async function verifyChain({ database, anchors }: AuditDependencies, organizationId: OrganizationId) {
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
