import { visiblePartsOf } from '@daytona-auth/protocol/api-key-format'
import { sql } from 'drizzle-orm'
import type { Database, Queryable } from '../core/client.ts'
import { type ApiKeyId, type AuditEventId, newId, type OrganizationId, type UserId } from '../core/id.ts'
import { auditEvents } from '../schema/audit.ts'
import { AUDIT_ACTIONS, type AuditAction, type AuditMetadata } from './actions.ts'
import type { Authority } from './authority.ts'

declare const audited: unique symbol

/** A transaction whose authority was confirmed and that will record an audit event. Only `inAudit` creates one. */
export type AuditedTx = Queryable & { readonly [audited]: true }

/** The actor and its origin: the same for every event of one request. */
export interface AuditActor {
  /** Null without a known user: the system itself, or an unauthenticated client. */
  readonly actorId: UserId | null
  readonly actorEmail: string | null
  /** The visible first and last characters of the API key that acted. */
  readonly actorApiKeyPrefix?: string | null
  readonly actorApiKeySuffix?: string | null
  /** The id and name of that key, for the event's metadata: the visible characters do not identify it. */
  readonly actorApiKey?: { readonly id: ApiKeyId; readonly name: string } | undefined
  readonly ipAddress?: string | null
  readonly userAgent?: string | null
  /** The origin: `api-key`, `token`, `provider`, `system`, `operations` (the operator's command) … */
  readonly source: string
}

/** Returns the members of an actor that describe the API key that acted. `hint` is the mask of the presented secret. */
export function actingKey(hint: string, actorApiKey: NonNullable<AuditActor['actorApiKey']>) {
  const { start, end } = visiblePartsOf(hint)
  return { actorApiKeyPrefix: start, actorApiKeySuffix: end, actorApiKey } satisfies Partial<AuditActor>
}

/** An event of an organization's trail, made by `auditEntry`. No member has a secret, including `metadata`. */
export interface AuditEntry extends AuditActor {
  readonly organizationId: OrganizationId
  readonly action: AuditAction
  readonly targetType?: string | null
  readonly targetId?: string | null
  readonly statusCode?: number | null
  readonly errorMessage?: string | null
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** What an event of an action has besides the action and the type of its target. */
export type AuditFacts<Action extends AuditAction> = AuditActor & {
  readonly organizationId: OrganizationId
  readonly targetId: string
  readonly statusCode?: number
  readonly errorMessage?: string
  readonly metadata: AuditMetadata<Action>
}

/** Builds an audit event. Every writer uses it, so that an action has one type of target and the metadata of its catalogue. */
export const auditEntry = <Action extends AuditAction>(action: Action, facts: AuditFacts<Action>): AuditEntry => ({
  ...facts,
  action,
  targetType: AUDIT_ACTIONS[action].targetType,
})

/**
 * The organization id of events that concern the whole deployment: signing keys, the operator's clients. It has no members,
 * so that only the operator reads it.
 */
export const DEPLOYMENT = 'org_deployment' as OrganizationId

/**
 * Runs a change and its audit event in one transaction: both commit or neither. Every write goes through here.
 *
 * `authority` is confirmed first, in the transaction, and `change` receives its result. `entry` may be computed from the
 * result of the change. Several entries are one for each affected organization. The event is the last statement, because it
 * locks the head of the organization's chain.
 *
 * Lock order: organizations, user, membership and roles, key or grant, the changed rows, chain head.
 *
 * The transaction runs again after a serialization failure or a deadlock, so `change` must have no other effects.
 */
export function inAudit<T, Confirmed = undefined>(
  db: Database,
  authority: Authority<Confirmed>,
  entry: AuditEntry | readonly AuditEntry[] | ((result: T) => AuditEntry | readonly AuditEntry[]),
  change: (tx: AuditedTx, confirmed: Confirmed) => Promise<T>,
): Promise<T> {
  return db.transaction(async (tx) => {
    const confirmed = await authority.confirm(tx)
    // The only place that brands a transaction of its own: the statements before and after guarantee what the brand states.
    const result = await change(tx as Queryable as AuditedTx, confirmed)
    await recordAudit(tx, typeof entry === 'function' ? entry(result) : entry)
    return result
  })
}

/** Runs a part of a change that may fail without undoing the rest: its error undoes that part only, and can be caught. */
export const inSavepoint = <T>(tx: AuditedTx, part: (tx: AuditedTx) => Promise<T>): Promise<T> =>
  tx.transaction((inner) => part(inner as Queryable as AuditedTx)) // of the same transaction

/**
 * Records events without a change, such as a denial or a sign-in. Chains are locked in the order of their organizations, so
 * that two batches cannot deadlock. An empty list records nothing.
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

/** A statement has at most 65,535 parameters: a member with thousands of keys may leave an organization. */
const ROWS_PER_STATEMENT = 1000

/**
 * Adds the key that acted to the metadata. `keyId` and `keyName` name the event's target if it is a key, otherwise the
 * acting key. If one key acted on another, `actorKeyId` and `actorKeyName` name the acting one.
 */
function withActingKey(
  metadata: Readonly<Record<string, unknown>>,
  { id, name }: NonNullable<AuditActor['actorApiKey']>,
) {
  if (metadata['keyId'] === id) return metadata
  const isAboutAnother = metadata['keyId'] !== undefined
  return { ...metadata, ...(isAboutAnother ? { actorKeyId: id, actorKeyName: name } : { keyId: id, keyName: name }) }
}

/** Creates the trail's partitions for the next months. Once a day is enough. */
export async function ensureAuditPartitions(db: Queryable, monthsAhead = 3): Promise<void> {
  await db.execute(sql`SELECT ensure_audit_partitions(${monthsAhead}::int)`)
}
