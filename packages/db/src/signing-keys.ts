import { asc, sql } from 'drizzle-orm'
import type { Database, Queryable } from './client.ts'
import { signingKeys } from './schema/provider.ts'

export type SigningKeyRow = typeof signingKeys.$inferSelect
export type NewSigningKey = Pick<SigningKeyRow, 'kid' | 'alg' | 'publicJwk' | 'privateJwk'>

/** Every signing key, oldest first; the private halves encrypted. */
export function listSigningKeys(db: Queryable): Promise<SigningKeyRow[]> {
  return db.select().from(signingKeys).orderBy(asc(signingKeys.createdAt), asc(signingKeys.kid))
}

/**
 * Adds those of `keys` whose algorithm has no active key yet, and returns all keys. Of several processes that start at
 * once the first decides, under an advisory lock; the others find its keys.
 */
export function addFirstSigningKeys(db: Database, keys: readonly NewSigningKey[]): Promise<SigningKeyRow[]> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtext('daytona_auth signing keys'))`)
    const active = new Set((await listSigningKeys(tx)).filter((key) => key.status === 'active').map((key) => key.alg))
    const missing = keys.filter((key) => !active.has(key.alg))
    if (missing.length > 0) {
      await tx
        .insert(signingKeys)
        .values(missing.map((key) => ({ ...key, status: 'active' as const, activatedAt: sql`now()` })))
    }
    return listSigningKeys(tx)
  })
}
