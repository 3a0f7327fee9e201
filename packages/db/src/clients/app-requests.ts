import { and, eq, gt, lt, type SQL, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { OrganizationId, UserId } from '../core/id.ts'
import { type Page, type PageRequest, pageOf } from '../core/keyset.ts'
import { isAppAllowed } from '../principals/app-access.ts'
import { appRequests } from '../schema/app-access.ts'
import { organizationMembers } from '../schema/organizations.ts'
import { mailLanguageSql, users } from '../schema/users.ts'

/** An organization of a user that denies an app. */
export interface DenyingOrganization {
  readonly id: OrganizationId
  /** Whether it blocked the app, so that no request is of use. */
  readonly isBlocked: boolean
  /** Whether the user has requested its approval. */
  readonly isRequested: boolean
}

/** Lists the organizations of a user that deny a client. An unknown client is denied by each. */
export const listDenyingOrganizations = async (
  db: Queryable,
  userId: UserId,
  clientId: string,
): Promise<DenyingOrganization[]> => [
  ...(await db.execute<{ [Member in keyof DenyingOrganization]: DenyingOrganization[Member] }>(sql`
    SELECT o.id, coalesce(made.decision = 'blocked', false) AS "isBlocked", EXISTS (
        SELECT FROM app_requests request WHERE request.organization_id = o.id AND request.user_id = ${userId}
          AND request.client_id = ${clientId} AND request.expires_at > now()) AS "isRequested"
    FROM organization_members member JOIN organizations o ON o.id = member.organization_id
      LEFT JOIN app_decisions made ON made.organization_id = o.id AND made.client_id = ${clientId}
    WHERE member.user_id = ${userId}
      AND NOT EXISTS (SELECT FROM oidc_clients c WHERE c.id = ${clientId} AND ${sql.raw(isAppAllowed())})`)),
]

/** The requests that a member may have open in one organization. */
export const MAX_APP_REQUESTS = 10

const REQUEST_DAYS = 30

/** What became of a request: `first` if no other member's for the app is open. */
export type InsertedAppRequest = 'first' | 'further' | 'exists' | 'full'

/**
 * Stores the request of a member that the organization approve an app. A repeated one changes nothing. The lock on the user's
 * row must be held: it keeps concurrent requests from exceeding the limit.
 */
export async function insertAppRequest(
  tx: AuditedTx,
  request: { readonly organizationId: OrganizationId; readonly userId: UserId; readonly clientId: string },
): Promise<InsertedAppRequest> {
  const { organizationId, userId, clientId } = request
  const own = and(eq(appRequests.organizationId, organizationId), eq(appRequests.userId, userId))
  await tx.delete(appRequests).where(and(own, lt(appRequests.expiresAt, sql`now()`)))
  if ((await tx.$count(appRequests, and(own, eq(appRequests.clientId, clientId)))) > 0) return 'exists'
  if ((await tx.$count(appRequests, own)) >= MAX_APP_REQUESTS) return 'full'
  const others = await tx.$count(appRequests, and(openOf(organizationId), eq(appRequests.clientId, clientId)))
  await tx.insert(appRequests).values({ ...request, expiresAt: sql`now() + make_interval(days => ${REQUEST_DAYS})` })
  return others === 0 ? 'first' : 'further'
}

/** The open requests of members for one app. */
export interface AppRequestRow {
  readonly clientId: string
  readonly name: string
  readonly homepageUri: string | null
  /** The number of members who asked. */
  readonly members: number
  /** Those who asked first, at most ten. */
  readonly requesters: readonly AppRequester[]
  /** When the first of them asked, in milliseconds since the epoch. */
  readonly requestedAt: number
}

export interface AppRequester {
  readonly userId: UserId
  readonly name: string
  readonly email: string
}

/** The number of requesters that a list names for each app. */
export const MAX_REQUESTERS = 10

/** Lists a page of the apps with open requests in the organization, by the client id. */
export async function listAppRequests(
  db: Queryable,
  organizationId: OrganizationId,
  { limit, after }: PageRequest<null>,
): Promise<Page<AppRequestRow, null>> {
  const rows = await db.execute<{ [Member in keyof AppRequestRow]: AppRequestRow[Member] }>(sql`
    WITH asked AS (
      SELECT request.client_id, request.user_id, request.created_at, users.name, users.email,
        row_number() OVER (PARTITION BY request.client_id ORDER BY request.created_at, request.user_id) AS position
      FROM app_requests request JOIN users ON users.id = request.user_id
      WHERE request.organization_id = ${organizationId} AND request.expires_at > now()
        AND ${after ? sql`request.client_id > ${after.id}` : sql`true`}
    )
    SELECT asked.client_id AS "clientId", client.name, client.homepage_uri AS "homepageUri", count(*)::int AS members,
      json_agg(json_build_object('userId', user_id, 'name', asked.name, 'email', email) ORDER BY position)
        FILTER (WHERE position <= ${MAX_REQUESTERS}) AS requesters,
      floor(extract(epoch FROM min(asked.created_at)) * 1000)::float8 AS "requestedAt"
    FROM asked JOIN oidc_clients client ON client.id = asked.client_id
    GROUP BY asked.client_id, client.name, client.homepage_uri ORDER BY asked.client_id LIMIT ${limit + 1}`)
  return pageOf([...rows], limit, (row) => ({ value: null, id: row.clientId }))
}

/** An account that gets a mail. */
export interface MailRecipient {
  readonly email: string
  /** The language that the account has kept. */
  readonly language: string | null
}

/** Deletes the requests for an app, which were answered. Returns those who asked, for the mails: at most a hundred. */
export async function settleAppRequests(
  tx: AuditedTx,
  organizationId: OrganizationId,
  clientId: string,
): Promise<{ readonly members: number; readonly recipients: readonly MailRecipient[] }> {
  const deleted = await tx
    .delete(appRequests)
    .where(and(openOf(organizationId), eq(appRequests.clientId, clientId)))
    .returning({ userId: appRequests.userId })
  if (deleted.length === 0) return { members: 0, recipients: [] }
  const recipients = await tx
    .select(RECIPIENT)
    .from(users)
    .where(
      sql`${users.id} = ANY (${sql.param(deleted.map(({ userId }) => userId))}::text[]) AND ${users.disabledAt} IS NULL`,
    )
    .limit(MAX_ANSWERED)
  return { members: deleted.length, recipients }
}

const RECIPIENT = { email: users.email, language: mailLanguageSql }

const MAX_ANSWERED = 100

/** Lists an organization's owners, who answer requests, for a mail: at most ten, the earliest first. */
export function listOwnerRecipients(db: Queryable, organizationId: OrganizationId): Promise<MailRecipient[]> {
  return db
    .select(RECIPIENT)
    .from(organizationMembers)
    .innerJoin(users, eq(users.id, organizationMembers.userId))
    .where(
      and(
        eq(organizationMembers.organizationId, organizationId),
        eq(organizationMembers.role, 'owner'),
        sql`${users.disabledAt} IS NULL`,
      ),
    )
    .orderBy(organizationMembers.createdAt)
    .limit(MAX_OWNERS)
}

const MAX_OWNERS = 10

/** Deletes up to `limit` expired requests. Returns their number. */
export async function deleteExpiredAppRequests(db: Queryable, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM app_requests WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM app_requests WHERE expires_at < now() LIMIT ${limit} FOR UPDATE SKIP LOCKED))`)
  return count
}

const openOf = (organizationId: OrganizationId): SQL | undefined =>
  and(eq(appRequests.organizationId, organizationId), gt(appRequests.expiresAt, sql`now()`))
