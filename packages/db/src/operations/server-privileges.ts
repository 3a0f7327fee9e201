import type postgres from 'postgres'
import { MigrationError } from './migration-error.ts'

/** The two servers, each of which may have its own database role. */
export const SERVER_KINDS = ['api', 'provider'] as const
export type ServerKind = (typeof SERVER_KINDS)[number]

/** The database role of each server. Both may share one role, which then has the privileges of both. */
export type ServerRoles = Readonly<Partial<Record<ServerKind, string>>>

/** Privileges in the syntax of GRANT: `SELECT, INSERT`, or `SELECT, UPDATE (a, b)` for some columns. Empty: none. */
type Privileges = Readonly<Record<ServerKind, string>>

const READ = 'SELECT'
const APPEND = 'SELECT, INSERT'
const KEEP = 'SELECT, INSERT, UPDATE'
const ALL = 'SELECT, INSERT, UPDATE, DELETE'

/**
 * The privileges of each server on every table. A row lock needs UPDATE, so it is listed for tables that triggers or
 * `lock_authority` lock. Triggers run as the server, except `chain_audit_event` and `check_quota`; foreign keys run as the owner. Nothing is
 * granted on the partitions of the trail: a server reads and writes them through `audit_events`.
 */
export const TABLE_PRIVILEGES: Readonly<Record<string, Privileges>> = {
  'drizzle.__drizzle_migrations': { api: READ, provider: READ },
  'public.api_key_last_uses': { api: ALL, provider: 'SELECT, DELETE' },
  'public.api_key_organizations': { api: ALL, provider: 'SELECT, UPDATE, DELETE' },
  'public.api_key_secrets': { api: ALL, provider: READ },
  'public.api_key_usage': { api: ALL, provider: '' },
  'public.api_key_usage_days': { api: ALL, provider: '' },
  'public.api_keys': { api: ALL, provider: 'SELECT, UPDATE' },
  'public.app_decisions': { api: ALL, provider: READ },
  'public.app_requests': { api: 'SELECT, DELETE', provider: ALL },
  'public.audit_anchors': { api: APPEND, provider: '' },
  'public.audit_chain_heads': { api: READ, provider: '' },
  'public.audit_events': { api: APPEND, provider: 'INSERT' },
  'public.backchannel_logouts': { api: 'INSERT', provider: ALL },
  'public.client_registrations': { api: '', provider: ALL },
  'public.consent_organizations': { api: 'SELECT, UPDATE, DELETE', provider: ALL },
  'public.consents': { api: 'SELECT, UPDATE, DELETE', provider: ALL },
  'public.email_verifications': { api: ALL, provider: ALL },
  'public.factor_reset_links': { api: '', provider: ALL },
  'public.factor_resets': { api: '', provider: ALL },
  'public.grants': { api: 'SELECT, UPDATE', provider: ALL },
  'public.identity_providers': { api: ALL, provider: 'SELECT, UPDATE' },
  'public.initial_access_tokens': { api: '', provider: 'SELECT, UPDATE, DELETE' },
  'public.invitation_roles': { api: 'SELECT, INSERT, DELETE', provider: READ },
  'public.mailed_tokens': { api: '', provider: ALL },
  'public.member_roles': { api: ALL, provider: ALL },
  'public.oidc_artifacts': { api: 'SELECT, DELETE', provider: ALL },
  'public.oidc_client_denials': { api: READ, provider: ALL },
  'public.oidc_client_secrets': { api: ALL, provider: KEEP },
  'public.oidc_clients': { api: ALL, provider: ALL },
  'public.organization_domains': { api: ALL, provider: 'SELECT, UPDATE' },
  'public.organization_identities': { api: 'SELECT (organization_id, user_id, issuer)', provider: ALL },
  'public.organization_invitations': { api: ALL, provider: 'SELECT, UPDATE' },
  'public.organization_members': { api: ALL, provider: ALL },
  'public.organization_quotas': { api: READ, provider: '' },
  'public.organizations': { api: ALL, provider: ALL },
  'public.passkeys': { api: 'SELECT (user_id)', provider: ALL },
  'public.recovery_codes': { api: '', provider: ALL },
  'public.registries': { api: ALL, provider: 'SELECT (organization_id)' },
  'public.removed_members': { api: ALL, provider: ALL },
  'public.resource_servers': { api: ALL, provider: READ },
  'public.roles': { api: ALL, provider: 'SELECT, UPDATE (updated_at)' }, // one column suffices for a row lock
  'public.sandboxes': { api: ALL, provider: 'SELECT (organization_id)' },
  'public.second_factor_attempts': { api: '', provider: ALL },
  'public.signing_keys': {
    api: 'SELECT (kid, alg, status, public_jwk, created_at, activated_at, retired_at)',
    provider: ALL,
  },
  'public.snapshots': { api: 'SELECT, INSERT, DELETE', provider: 'SELECT (organization_id)' },
  'public.space_reserve': { api: '', provider: '' },
  'public.totp_factors': { api: 'SELECT (user_id)', provider: ALL },
  'public.trusted_browsers': { api: '', provider: ALL },
  'public.user_credentials': { api: '', provider: ALL },
  'public.user_identities': { api: '', provider: ALL },
  'public.users': { api: 'SELECT, UPDATE', provider: KEEP },
  'public.volumes': { api: KEEP, provider: 'SELECT (organization_id)' },
}

/** The functions that statements or triggers of each server call. A trigger's own function needs no privilege. */
export const FUNCTION_PRIVILEGES: Readonly<Record<string, readonly ServerKind[]>> = {
  'public.audit_event_hash': ['api'],
  'public.common_permissions': ['api', 'provider'],
  'public.count_toward_quota': ['api'],
  'public.drop_audit_partition': ['api'],
  'public.ensure_audit_partitions': ['api', 'provider'],
  'public.fill_space_reserve': ['api'],
  'public.list_account_events': ['provider'],
  'public.lock_authority': ['api', 'provider'],
  'public.release_space_reserve': ['api', 'provider'],
  'public.sum_counts': ['api'],
}

/**
 * Checks that the roles exist and are neither the user of this connection, nor a member of it, nor a superuser.
 * @throws MigrationError
 */
export async function checkServerRoles(sql: postgres.Sql, roles: ServerRoles): Promise<void> {
  for (const role of new Set(Object.values(roles))) {
    const [found] = await sql<{ isOwner: boolean; isSuperuser: boolean }[]>`
      SELECT rolsuper AS "isSuperuser", pg_has_role(oid, current_user::regrole, 'MEMBER') AS "isOwner"
      FROM pg_roles WHERE rolname = ${role}`
    if (!found) {
      throw new MigrationError(`the database has no role ${role}: create it (CREATE ROLE … LOGIN PASSWORD …)`)
    }
    if (found.isSuperuser) throw new MigrationError(`the role ${role} is a superuser: a server's must not be one`)
    if (found.isOwner) {
      throw new MigrationError(`the role ${role} is the one that migrates, or a member of it: a server's must not be`)
    }
  }
}

/**
 * Grants each role the privileges that its server needs, and revokes every other privilege on our objects.
 *
 * Explicit for each object instead of ALTER DEFAULT PRIVILEGES: tables differ, and defaults depend on who creates a table and
 * revoke nothing. PUBLIC may execute a new function by default, which is revoked too.
 */
export async function grantServerPrivileges(tx: postgres.TransactionSql, roles: ServerRoles): Promise<void> {
  const kinds = SERVER_KINDS.filter((kind) => roles[kind] !== undefined)
  if (kinds.length === 0) return
  const names = [...new Set(Object.values(roles))].map(quote)
  const grantees = names.join(', ')
  const { tables, functions, schemas, isDatabaseOwner, database } = await readObjects(tx)
  const statements: string[] = []
  for (const schema of schemas.map(quote)) {
    statements.push(
      `REVOKE CREATE ON SCHEMA ${schema} FROM PUBLIC, ${grantees}`,
      `GRANT USAGE ON SCHEMA ${schema} TO ${grantees}`,
    )
  }
  if (isDatabaseOwner) {
    statements.push(
      `REVOKE ALL ON DATABASE ${quote(database)} FROM ${grantees}`,
      `REVOKE TEMPORARY ON DATABASE ${quote(database)} FROM PUBLIC`,
      `GRANT CONNECT ON DATABASE ${quote(database)} TO ${grantees}`,
    )
  }
  if (tables.length > 0) statements.push(`REVOKE ALL ON ${tables.map(quotePath).join(', ')} FROM ${grantees}`)
  for (const table of tables) {
    for (const kind of kinds) {
      const privileges = TABLE_PRIVILEGES[table]?.[kind]
      if (privileges) statements.push(`GRANT ${privileges} ON ${quotePath(table)} TO ${quote(roles[kind] ?? '')}`)
    }
  }
  if (functions.length > 0) {
    const signatures = functions.map(({ signature }) => signature).join(', ')
    statements.push(`REVOKE ALL ON FUNCTION ${signatures} FROM PUBLIC, ${grantees}`)
  }
  for (const { name, signature } of functions) {
    for (const kind of kinds) {
      if (!FUNCTION_PRIVILEGES[name]?.includes(kind)) continue
      statements.push(`GRANT EXECUTE ON FUNCTION ${signature} TO ${quote(roles[kind] ?? '')}`)
    }
  }
  await tx.unsafe(statements.join(';\n'))
}

interface Objects {
  /** The tables in our schemas on which the user of this connection may grant, without partitions. */
  readonly tables: readonly string[]
  readonly functions: readonly { name: string; signature: string }[]
  readonly schemas: readonly string[]
  readonly isDatabaseOwner: boolean
  readonly database: string
}

async function readObjects(sql: postgres.TransactionSql): Promise<Objects> {
  const tables = await sql<{ name: string }[]>`
    SELECT nspname || '.' || relname AS name FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname IN ('public', 'drizzle') AND relkind IN ('r', 'p', 'v', 'm', 'S')
      AND pg_has_role(relowner, 'USAGE') AND NOT relispartition
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e') ORDER BY 1`
  const functions = await sql<{ name: string; signature: string }[]>`
    SELECT nspname || '.' || proname AS name, pg_proc.oid::regprocedure::text AS signature
    FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
    WHERE nspname IN ('public', 'drizzle') AND prokind = 'f' AND pg_has_role(proowner, 'USAGE')
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') ORDER BY 1`
  const [rest] = await sql<Omit<Objects, 'tables' | 'functions'>[]>`
    SELECT current_database() AS database, pg_has_role(datdba, 'USAGE') AS "isDatabaseOwner",
      (SELECT coalesce(jsonb_agg(nspname ORDER BY nspname), '[]') FROM pg_namespace
        WHERE nspname IN ('public', 'drizzle') AND pg_has_role(nspowner, 'USAGE')) AS schemas
    FROM pg_database WHERE datname = current_database()`
  if (!rest) throw new Error('the database returned no row')
  return { tables: tables.map(({ name }) => name), functions, ...rest }
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
const quotePath = (path: string): string => path.split('.').map(quote).join('.')
