import {
  type AuditAction,
  type AuditEventRow,
  type AuditPosition,
  auditActions,
  isAuditInstant,
} from '@daytona-auth/db/audit'
import { boundedText, numberParameter } from '@daytona-auth/service'
import * as z from 'zod'
import { decodeCursor, encodeCursor } from '../../http/cursor.ts'
import { GivenId, Instant, instant } from '../../http/schemas.ts'
import { AuditFilterQuery } from './filter.ts'

/** The number of events that page numbers reach. Each such page reads all events before it. */
export const MOST_BY_NUMBER = 10_000

export const AuditPath = z.object({ organizationId: GivenId })

const queryInteger = (max: number) => numberParameter(z.int().min(1).max(max))

export const ListAuditQuery = AuditFilterQuery.extend({
  page: queryInteger(1_000_000_000)
    .default(1)
    .describe(`Reaches the newest ${MOST_BY_NUMBER} events. Use \`nextToken\` to reach all`),
  limit: queryInteger(200).default(100),
  nextToken: boundedText({ max: 256 }).optional().describe('`nextToken` of the previous page. `page` is then ignored'),
})

/** An audit event. Its members are ordered: actor, action, target, outcome, origin. */
export const AuditEvent = z
  .object({
    id: z.string(),
    actorId: z.string().nullable(),
    actorEmail: z.string().nullable(),
    actorApiKeyPrefix: z.string().optional(),
    actorApiKeySuffix: z.string().optional(),
    organizationId: z.string(),
    action: z.enum(auditActions()).describe('What happened. New actions may be added'),
    targetType: z.string().nullable(),
    targetId: z.string().nullable(),
    statusCode: z.int().nullable(),
    errorMessage: z.string().optional(),
    ipAddress: z.string().nullable(),
    userAgent: z.string().nullable(),
    source: z.string(),
    metadata: z
      .record(z.string(), z.unknown())
      .describe(
        '`keyId` and `keyName`: the API key that the event is about, otherwise the one that acted. `actorKeyId` and `actorKeyName`: the API key that acted on another one',
      ),
    createdAt: Instant,
  })
  .meta({ id: 'AuditLog' })

export const AuditPageBody = z
  .object({
    items: z.array(AuditEvent),
    total: z
      .int()
      .describe(`Exact without a filter. With a filter, counted up to ${MOST_BY_NUMBER}; one more stands for more`),
    page: z.int(),
    totalPages: z.int(),
    nextToken: z.string().optional().describe('Absent on the last page'),
  })
  .meta({ id: 'PaginatedAuditLogs' })

export const AuditVerification = z
  .object({
    valid: z.boolean(),
    events: z.int().describe('The number of events that were verified'),
    brokenAt: z.int().nullable().describe('The number of the first event that does not match the chain'),
    brokenEventId: z.string().nullable().describe('The id of that event, if it exists'),
    dropped: z
      .array(z.object({ month: z.string(), droppedAt: Instant }))
      .describe('Months dropped by the retention. The chain continues from their signed anchors'),
  })
  .meta({ id: 'AuditVerification' })

export function auditEventToWire(row: AuditEventRow): z.output<typeof AuditEvent> {
  return {
    id: row.id,
    actorId: row.actorId,
    actorEmail: row.actorEmail,
    ...(row.actorApiKeyPrefix !== null && { actorApiKeyPrefix: row.actorApiKeyPrefix }),
    ...(row.actorApiKeySuffix !== null && { actorApiKeySuffix: row.actorApiKeySuffix }),
    organizationId: row.organizationId,
    action: row.action as AuditAction, // every writer takes it from the catalogue
    targetType: row.targetType,
    targetId: row.targetId,
    statusCode: row.statusCode,
    ...(row.errorMessage !== null && { errorMessage: row.errorMessage }),
    ipAddress: row.ipAddress,
    userAgent: row.userAgent,
    source: row.source,
    metadata: row.metadata,
    createdAt: instant(row.createdAt),
  }
}

const LABEL = 'audit'

/** Encodes the end of a page as an opaque text. */
export const encodeToken = ({ at, id }: AuditPosition): string => encodeCursor(LABEL, { value: at, id })

/** Decodes a token. @throws Denial 400 unless `encodeToken` returned it */
export function decodeToken(token: string): AuditPosition {
  const { value: at, id } = decodeCursor(token, {
    label: LABEL,
    value: z.string().refine(isAuditInstant),
    member: 'nextToken',
    message: 'must be the nextToken of a page',
  })
  return { at, id }
}
