import { and, eq, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { Queryable } from '../core/client.ts'
import { matchesEmail, normalizeEmail } from '../core/email-address.ts'
import type { OrganizationId, UserId } from '../core/id.ts'
import { byId, type Page, type PageRequest, pageOfPositions } from '../core/keyset.ts'
import { organizations } from '../schema/organizations.ts'
import { users } from '../schema/users.ts'

export type UserStatus = 'active' | 'disabled' | 'deleted'

/** An account as the operator sees it. */
export interface UserRow {
  readonly id: UserId
  readonly email: string
  readonly emailVerified: boolean
  readonly name: string
  readonly createdAt: Date
  readonly disabledAt: Date | null
  /** The row of a deleted account has no personal data. */
  readonly deletedAt: Date | null
}

/** What an account can reach now. */
export interface UserAccess {
  /** The personal organization; null for a deleted account. */
  readonly personalOrganizationId: OrganizationId | null
  readonly organizations: readonly { readonly id: OrganizationId; readonly name: string; readonly role: string }[]
  readonly sessions: number
  /** The grants under which tokens may be valid. */
  readonly grants: number
  readonly activeApiKeys: number
}

export interface UserSearch {
  /** A part of the name or the address, in any case. */
  readonly text?: string | undefined
  readonly status?: UserStatus | undefined
}

const columns = {
  id: users.id,
  email: users.email,
  emailVerified: users.emailVerified,
  name: users.name,
  createdAt: users.createdAt,
  disabledAt: users.disabledAt,
  deletedAt: users.deletedAt,
}

/** Returns the status of an account: of a deleted one `deleted`, although it is disabled as well. */
export const userStatus = ({ deletedAt, disabledAt }: Pick<UserRow, 'deletedAt' | 'disabledAt'>): UserStatus =>
  deletedAt ? 'deleted' : disabledAt ? 'disabled' : 'active'

/** Finds an account by its id or by its address, in any case and either spelling of the domain: see `findUsers`. */
export const findUser = async (db: Queryable, idOrEmail: string): Promise<UserRow | undefined> =>
  (await findUsers(db, idOrEmail))[0]

/**
 * Finds the accounts of an id or an address, in any case and either spelling of the domain. Two for an address that one
 * account has in the ASCII spelling and another, from before that was introduced, in the Unicode one; the ASCII one is first.
 */
export async function findUsers(db: Queryable, idOrEmail: string): Promise<UserRow[]> {
  if (!idOrEmail.includes('@')) {
    return db
      .select(columns)
      .from(users)
      .where(eq(users.id, idOrEmail as UserId))
  }
  const address = normalizeEmail(idOrEmail)
  const found = await db.select(columns).from(users).where(matchesEmail(users.email, idOrEmail))
  return found.sort((one) => (one.email === address ? -1 : 1))
}

/** Lists a page of the accounts, newest first. */
export async function listUsers(
  db: Queryable,
  { text, status }: UserSearch,
  { limit, after }: PageRequest<null>,
): Promise<Page<UserRow, null>> {
  const { orderBy, behind, value } = byId(users.id, 'desc', after)
  const rows = await db
    .select({ row: columns, value })
    .from(users)
    .where(and(behind, status && HAS_STATUS[status], text === undefined ? undefined : contains(text)))
    .orderBy(orderBy)
    .limit(limit + 1)
  return pageOfPositions(rows, limit)
}

const HAS_STATUS: Readonly<Record<UserStatus, SQL | undefined>> = {
  active: isNull(users.disabledAt),
  disabled: and(isNotNull(users.disabledAt), isNull(users.deletedAt)),
  deleted: isNotNull(users.deletedAt),
}

/** `position` and not LIKE: `_` and `%` are ordinary characters of an address. Addresses are stored in lower case. */
function contains(text: string): SQL | undefined {
  const part = text.toLowerCase()
  return or(
    sql`position(${part}::text IN ${users.email}) > 0`,
    sql`position(${part}::text IN lower(${users.name})) > 0`,
  )
}

/** Reads what an account can reach now. */
export async function readUserAccess(db: Queryable, userId: UserId): Promise<UserAccess> {
  const [row] = await db.execute<{ [K in keyof UserAccess]: UserAccess[K] }>(sql`
    SELECT
      (SELECT id FROM ${organizations} WHERE created_by = ${userId} AND personal) AS "personalOrganizationId",
      coalesce((
        SELECT json_agg(json_build_object('id', o.id, 'name', o.name, 'role', m.role) ORDER BY o.name, o.id)
        FROM organization_members m JOIN organizations o ON o.id = m.organization_id
        WHERE m.user_id = ${userId} AND NOT o.personal
      ), '[]') AS organizations,
      (SELECT count(*)::int FROM oidc_artifacts
        WHERE model = 'Session' AND account_id = ${userId} AND expires_at > now()) AS sessions,
      (SELECT count(*)::int FROM grants
        WHERE user_id = ${userId} AND revoked_at IS NULL AND expires_at > now()) AS grants,
      (SELECT count(*)::int FROM api_keys
        WHERE user_id = ${userId} AND status = 'active' AND (expires_at IS NULL OR expires_at > now())) AS "activeApiKeys"`)
  if (!row) throw new Error('a query without FROM returned no row')
  return row
}
