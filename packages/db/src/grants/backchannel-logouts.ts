import { sql } from 'drizzle-orm'
import type { Database, Queryable } from '../core/client.ts'
import type { UserId } from '../core/id.ts'

/** A logout token to deliver. */
export interface BackchannelLogout {
  readonly id: string
  readonly clientId: string
  readonly userId: UserId
  /** The id of the session for the client. */
  readonly sid: string
  /** With the one that was just claimed. */
  readonly attempts: number
}

/** The seconds from each attempt to the next one. After the last attempt the token is given up: after nine hours. */
export const BACKCHANNEL_RETRY_SECONDS = [10, 60, 300, 1800, 7200, 21600] as const
export const BACKCHANNEL_ATTEMPTS = BACKCHANNEL_RETRY_SECONDS.length + 1

const DELAYS = `ARRAY[${BACKCHANNEL_RETRY_SECONDS.join()}, 0]`

/**
 * Claims up to `limit` tokens that are due, at most `perClient` of a client, so that one that does not respond keeps no
 * other waiting. A claim is an attempt: a token whose process ends in between is due again later. Each token is claimed by
 * one of several processes.
 */
export async function claimBackchannelLogouts(
  { $client }: Pick<Database, '$client'>,
  { limit, perClient }: { readonly limit: number; readonly perClient: number },
): Promise<BackchannelLogout[]> {
  const rows = await $client<BackchannelLogout[]>`
    UPDATE backchannel_logouts SET attempts = attempts + 1,
      due_at = now() + make_interval(secs => (${$client.unsafe(DELAYS)})[attempts + 1])
    WHERE id = ANY (ARRAY(
        SELECT due.id
        FROM (SELECT DISTINCT client_id FROM backchannel_logouts WHERE due_at <= now()) client,
          LATERAL (
            SELECT id FROM backchannel_logouts
            WHERE client_id = client.client_id AND due_at <= now() AND attempts < ${BACKCHANNEL_ATTEMPTS}
            ORDER BY due_at LIMIT ${perClient}
          ) due
        ORDER BY random() LIMIT ${limit}))
      AND due_at <= now() AND attempts < ${BACKCHANNEL_ATTEMPTS}
    RETURNING id, client_id AS "clientId", user_id AS "userId", sid, attempts`
  return [...rows]
}

/** Deletes a token that was delivered, or that no client wants any more. */
export async function deleteBackchannelLogout({ $client }: Pick<Database, '$client'>, id: string): Promise<void> {
  await $client`DELETE FROM backchannel_logouts WHERE id = ${id}`
}

/** Deletes up to `limit` tokens whose last attempt failed. Returns the number of deleted tokens. */
export async function sweepBackchannelLogouts(db: Queryable, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM backchannel_logouts WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM backchannel_logouts
      WHERE attempts >= ${BACKCHANNEL_ATTEMPTS} AND due_at < now() - interval '1 minute'
      LIMIT ${limit} FOR UPDATE SKIP LOCKED))`)
  return count
}
