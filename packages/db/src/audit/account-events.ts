import { sql } from 'drizzle-orm'
import type { Queryable } from '../core/client.ts'
import type { UserId } from '../core/id.ts'
import { type AuditPage, type AuditPosition, LAST_INSTANT } from './trail.ts'

/** An event of the history that a person sees of the own account. */
export interface AccountEvent {
  readonly id: string
  readonly action: string
  readonly statusCode: number | null
  readonly ipAddress: string | null
  readonly userAgent: string | null
  /** The app that the event is about, or to which the user signed in. */
  readonly clientId: string | null
  /** Null for a deleted app. */
  readonly clientName: string | null
  readonly createdAt: Date
}

/** After every event. */
const END: AuditPosition = { at: String(LAST_INSTANT), id: '' }

/**
 * Lists a page of the events of a person's own account, newest first: sign-ins, failed ones too, and changes. By a function
 * of the database, since the provider's role may not read the trail. At most 100 events.
 */
export async function listAccountEvents(
  db: Queryable,
  userId: UserId,
  { limit, after = END }: Omit<AuditPage, 'offset'>,
): Promise<{ readonly rows: readonly AccountEvent[]; readonly next: AuditPosition | null }> {
  const before = sql`'epoch'::timestamptz + ${after.at}::bigint * interval '1 microsecond'`
  const read = await db.execute<Omit<AccountEvent, 'createdAt'> & { at: string }>(sql`
    SELECT event.id, action, status_code AS "statusCode", ip_address AS "ipAddress", user_agent AS "userAgent",
      client_id AS "clientId", client.name AS "clientName", (extract(epoch FROM at) * 1000000)::bigint::text AS at
    FROM list_account_events(${userId}, ${before}, ${after.id}, ${limit + 1}::int) event
    LEFT JOIN oidc_clients client ON client.id = event.client_id
    ORDER BY event.at DESC, event.id DESC`)
  const rows = read.slice(0, limit).map(({ at, ...event }) => ({ ...event, createdAt: new Date(Number(at) / 1000) }))
  const last = read.at(limit - 1)
  return { rows, next: read.length > limit && last ? { at: last.at, id: last.id } : null }
}
