import type { Sql } from 'postgres'
import type { Queryable } from './client.ts'
import type { ApiKeyId, OrganizationId, UserId } from './id.ts'
import { type ApiKeyFacts, findApiKeyFacts, findTokenFacts, type TokenClaim, type TokenFacts } from './principals.ts'

/**
 * How firmly a write holds what its authority comes from, until it commits.
 *
 * - `use`: nothing of it can change meanwhile, and other writes of the same credential go on beside this one.
 * - `manage`: writes of the same user or credential wait for each other. For changes to keys, apps and the user's own access.
 * - `administer`: as `manage`, and changes of members, roles and invitations of the organizations wait for each other.
 */
export type AuthorityScope = 'use' | 'manage' | 'administer'

export interface AuthorityLocks {
  readonly scope: AuthorityScope
  /** Where the memberships are that the write depends on; null: in all organizations of the user. */
  readonly organizationIds: readonly OrganizationId[] | null
}

interface LockedKey {
  readonly userId: UserId
  readonly keyId: ApiKeyId
  readonly secretDigest: Uint8Array
}

/** Locks what an API key's authority comes from, and reads it. Undefined: its secret is gone. */
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

/** Locks what an access token's authority comes from, and reads it. Undefined as for `findTokenFacts`. */
export function confirmToken(tx: Queryable, claim: TokenClaim, locks: AuthorityLocks): Promise<TokenFacts | undefined> {
  const sql = clientOf(tx)
  return afterLock(sql, locks, [claim.userId, null, claim.grantId], () => findTokenFacts(sql, claim))
}

/** Both statements are sent at once: the second one starts when the locks are there, with a snapshot of its own. */
async function afterLock<Facts>(
  sql: Sql,
  { scope, organizationIds }: AuthorityLocks,
  subject: readonly (string | null)[],
  read: () => Promise<Facts>,
): Promise<Facts> {
  const parameters = [scope, organizationIds === null ? null : [...organizationIds], ...subject]
  // A query of postgres.js is sent when it is awaited, unless it is told to go: it has to be sent before the other one.
  const locked = sql.unsafe(LOCK, parameters, { prepare: true }).execute()
  const [, facts] = await Promise.all([locked, read()])
  return facts
}

const LOCK = 'SELECT lock_authority($1, $2::text[], $3, $4, $5)'

/** drizzle's transaction has postgres.js's own below it, which can prepare and pipeline statements. */
const clientOf = (tx: Queryable): Sql => (tx._.session as unknown as { readonly client: Sql }).client
