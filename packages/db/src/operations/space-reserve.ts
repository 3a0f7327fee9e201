import { sql } from 'drizzle-orm'
import type { Queryable } from '../core/client.ts'

/**
 * Fills the reserve to `bytes`, if it is smaller and the file system has room: twice as much for one that was released.
 * Returns whether creations are allowed.
 */
export async function fillSpaceReserve(db: Queryable, bytes: number): Promise<boolean> {
  const [row] = await db.execute<{ isAllowed: boolean }>(
    sql`SELECT fill_space_reserve(${bytes}::bigint) AS "isAllowed"`,
  )
  return row?.isAllowed === true
}
