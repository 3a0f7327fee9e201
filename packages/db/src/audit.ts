import { sql } from 'drizzle-orm'
import type { Authority } from './authority.ts'
import type { Database, Queryable } from './client.ts'
import { type ApiKeyId, type AuditEventId, newId, type OrganizationId, type UserId } from './id.ts'
import { auditEvents } from './schema/audit.ts'

declare const audited: unique symbol

/** A transaction whose authority was confirmed and that will record an audit event. Only `inAudit` makes one. */
export type AuditedTx = Queryable & { readonly [audited]: true }

/** Who acted, from where: the same for everything that one request does. */
export interface AuditActor {
  /** Null where nobody is known: the system itself, a stranger. */
  readonly actorId: UserId | null
  readonly actorEmail: string | null
  /** The visible ends of the API key that acted. */
  readonly actorApiKeyPrefix?: string | null
  readonly actorApiKeySuffix?: string | null
  /** Its id and its name, which the event's metadata tell: the visible ends name nothing for certain. */
  readonly actorApiKey?: { readonly id: ApiKeyId; readonly name: string } | undefined
  readonly ipAddress?: string | null
  readonly userAgent?: string | null
  /** What it came through: `api-key`, `token`, `provider`, `system`, `operations` (the operator's command) … */
  readonly source: string
}

/** What happened to what, as the organization's trail tells it. Never a secret, in `metadata` neither. */
export interface AuditEntry extends AuditActor {
  readonly organizationId: OrganizationId
  /** `<thing>.<verb>`: `api_key.create`. */
  readonly action: string
  readonly targetType?: string | null
  readonly targetId?: string | null
  readonly statusCode?: number | null
  readonly errorMessage?: string | null
  readonly metadata?: Record<string, unknown>
}

/**
 * The chain of what concerns the whole deployment and no organization in it: signing keys, the operator's own clients.
 * Nobody is a member there, so that only the operator reads it.
 */
export const DEPLOYMENT = 'org_deployment' as OrganizationId

/**
 * Runs a change and its audit event in one transaction: both commit or neither. Every write goes through here.
 *
 * `authority` is confirmed first, in the transaction, and `change` receives what it returned. `entry` may be made from the
 * result of the change; several entries are one for each organization concerned. The event is the last statement, because
 * it locks the head of the organization's chain. Order of locks: organizations, user, membership and roles, key or grant,
 * what is changed, chain head.
 *
 * A transaction of the pool runs again after a serialization failure or a deadlock, so `change` must have no effect outside
 * of it.
 */
export function inAudit<T, Confirmed = undefined>(
  db: Database,
  authority: Authority<Confirmed>,
  entry: AuditEntry | readonly AuditEntry[] | ((result: T) => AuditEntry | readonly AuditEntry[]),
  change: (tx: AuditedTx, confirmed: Confirmed) => Promise<T>,
): Promise<T> {
  return db.transaction(async (tx) => {
    const confirmed = await authority.confirm(tx)
    // The only place that brands a transaction, since what precedes and what follows keep the brand's promise.
    const result = await change(tx as Queryable as AuditedTx, confirmed)
    await recordAudit(tx, typeof entry === 'function' ? entry(result) : entry)
    return result
  })
}

/**
 * Records what changed nothing: a refusal, a sign-in. Chains are taken in the order of their organizations, so that two
 * batches cannot wait for each other. An empty list records nothing.
 */
export async function recordAudit(db: Queryable, entries: AuditEntry | readonly AuditEntry[]): Promise<void> {
  const rows = [entries].flat().map(({ actorApiKey, metadata = {}, ...entry }) => ({
    ...entry,
    id: newId('evt') satisfies AuditEventId,
    metadata: actorApiKey ? withActingKey(metadata, actorApiKey) : metadata,
  }))
  if (rows.length === 0) return
  rows.sort((a, b) => (a.organizationId < b.organizationId ? -1 : 1))
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
    await db.insert(auditEvents).values(rows.slice(from, from + ROWS_PER_STATEMENT))
  }
}

/** A statement has 65,535 parameters at most: somebody with thousands of keys may leave. */
const ROWS_PER_STATEMENT = 1000

/**
 * `keyId` and `keyName` are of the key that the event is about, its target, or else of the key that acted. Where one key
 * acted on another, `actorKeyId` and `actorKeyName` say which.
 */
function withActingKey(metadata: Record<string, unknown>, { id, name }: NonNullable<AuditActor['actorApiKey']>) {
  if (metadata['keyId'] === id) return metadata
  const isAboutAnother = metadata['keyId'] !== undefined
  return { ...metadata, ...(isAboutAnother ? { actorKeyId: id, actorKeyName: name } : { keyId: id, keyName: name }) }
}

/** Makes the trail's partitions for the months to come; for a sweeper, once a day is plenty. */
export async function ensureAuditPartitions(db: Queryable, monthsAhead = 3): Promise<void> {
  await db.execute(sql`SELECT ensure_audit_partitions(${monthsAhead}::int)`)
}
