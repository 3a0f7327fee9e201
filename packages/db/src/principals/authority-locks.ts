import type { Sql } from 'postgres'
import type { Queryable } from '../core/client.ts'
import type { ApiKeyId, OrganizationId, UserId } from '../core/id.ts'
import { type ApiKeyFacts, findApiKeyFacts, findTokenFacts, type TokenClaim, type TokenFacts } from './facts.ts'

/**
 * The strength of the locks on the rows that a write's authority depends on. They last until it commits.
 *
 * - `use`: the rows cannot change; other writes of the same credential run concurrently.
 * - `manage`: writes of the same user or credential wait for each other. For changes to keys, apps and the user's own access.
 * - `administer`: as `manage`, and changes of members, roles and invitations of the organizations wait for each other.
 */
export type AuthorityScope = 'use' | 'manage' | 'administer'

export interface AuthorityLocks {
  readonly scope: AuthorityScope
  /** The organizations of the memberships that the write depends on; null: all organizations of the user. */
  readonly organizationIds: readonly OrganizationId[] | null
}

interface LockedKey {
  readonly userId: UserId
  readonly keyId: ApiKeyId
  readonly secretDigest: Uint8Array
}

/** Locks and reads the rows that an API key's authority depends on. Undefined if its secret no longer exists. */
export function confirmApiKey(
  tx: Queryable,
  { userId, keyId, secretDigest }: LockedKey,
  locks: AuthorityLocks,
): Promise<ApiKeyFacts | undefined> {
  const sql = clientOf(tx)
  return afterLock(sql, locks, [userId, keyId, null], async () => {
    const [facts] = await findApiKeyFacts(sql, [secretDigest])
    return facts
  })
}

/** Locks and reads the rows that an access token's authority depends on. Undefined as for `findTokenFacts`. */
export function confirmToken(tx: Queryable, claim: TokenClaim, locks: AuthorityLocks): Promise<TokenFacts | undefined> {
  const sql = clientOf(tx)
  return afterLock(sql, locks, [claim.userId, null, claim.grantId], () => findTokenFacts(sql, claim))
}

/** Sends both statements at once. The second one starts after the locks are acquired, with its own snapshot. */
async function afterLock<Facts>(
  sql: Sql,
  { scope, organizationIds }: AuthorityLocks,
  subject: readonly (string | null)[],
  read: () => Promise<Facts>,
): Promise<Facts> {
  const parameters = [scope, organizationIds === null ? null : [...organizationIds], ...subject]
  // postgres.js sends a query when it is awaited; `execute` sends it now, before the other one.
  const locked = sql.unsafe(LOCK, parameters, { prepare: true }).execute()
  const [, facts] = await Promise.all([locked, read()])
  return facts
}

const LOCK = 'SELECT lock_authority($1, $2::text[], $3, $4, $5)'

/** Returns the transaction of postgres.js below drizzle's: it can prepare and pipeline statements. */
const clientOf = (tx: Queryable): Sql => (tx._.session as unknown as { readonly client: Sql }).client
