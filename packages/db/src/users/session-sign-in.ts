import { sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { UserId } from '../core/id.ts'

/** How the user of a browser session signed in. */
export interface SessionSignIn {
  /** Milliseconds since the epoch. */
  readonly signedInAt: number
  /** Null for a session of an earlier release. */
  readonly acr: string | null
}

/** Reads how a user signed in to a browser session; undefined if it has ended. */
export async function readSessionSignIn(
  db: Queryable,
  userId: UserId,
  uid: string,
): Promise<SessionSignIn | undefined> {
  const [row] = await db.execute<{ [K in keyof SessionSignIn]: SessionSignIn[K] }>(sql`
    SELECT coalesce((payload ->> 'loginTs')::float8, 0) * 1000 AS "signedInAt", payload ->> 'acr' AS acr
    FROM oidc_artifacts
    WHERE model = 'Session' AND account_id = ${userId} AND uid = ${uid} AND expires_at > now()`)
  return row
}

/** Marks the session in which a user has just proven a second factor as signed in with it. */
export async function strengthenSession(
  tx: AuditedTx,
  userId: UserId,
  uid: string,
  { acr, amr }: { readonly acr: string; readonly amr: readonly string[] },
): Promise<void> {
  await tx.execute(sql`
    UPDATE oidc_artifacts SET payload = payload || ${JSON.stringify({ acr, amr })}::jsonb
    WHERE model = 'Session' AND account_id = ${userId} AND uid = ${uid}`)
}
