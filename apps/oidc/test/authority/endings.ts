import type { AuditedTx } from '@daytona-auth/db/audit'
import { endSession } from '@daytona-auth/db/grants'
import { FRESH_SECONDS } from '../../src/flows/interaction/step-authority.ts'
import type { Ready, Scene, World } from './world.ts'

/** A writing step, and what may end before it writes. */
export interface Step {
  readonly endings: readonly Ending[]
  prepare(): Promise<Ready>
}

/** SQL in the ending transaction, beside drizzle's statements. */
type Sql = World['sql']
export const clientOfTransaction = (tx: AuditedTx) => (tx._.session as unknown as { readonly client: Sql }).client

export type Ending =
  | 'user'
  | 'signed out'
  | 'session removed'
  | 'session expired'
  | 'recent sign-in'
  | 'client'
  | 'membership'
  | 'consent'
  | 'grant'
export const ENDINGS: Record<Ending, (at: Scene, run: Sql, tx: AuditedTx) => Promise<unknown>> = {
  user: ({ person }, run) => run`UPDATE users SET disabled_at = now() WHERE id = ${person.userId}`,
  async 'signed out'({ person }, run, tx) {
    const sessions = await run`SELECT uid FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${person.userId}`
    for (const { uid } of sessions) await endSession(tx, uid, 'signed out')
  },
  // As an administrator does in psql.
  'session removed': ({ person }, run) =>
    run`DELETE FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${person.userId}`,
  'session expired': ({ person }, run) => run`
    UPDATE oidc_artifacts SET expires_at = now() - interval '1 minute',
      payload = payload || jsonb_build_object('exp', extract(epoch FROM now())::int - 60)
    WHERE model = 'Session' AND account_id = ${person.userId}`,
  'recent sign-in': ({ person }, run) => run`
    UPDATE oidc_artifacts
    SET payload = payload || jsonb_build_object('loginTs', extract(epoch FROM now())::int - ${FRESH_SECONDS + 1}::int)
    WHERE model = 'Session' AND account_id = ${person.userId}`,
  client: ({ client }, run) => run`DELETE FROM oidc_clients WHERE id = ${client.clientId}`,
  membership: ({ person, organization }, run) =>
    run`DELETE FROM organization_members WHERE user_id = ${person.userId} AND organization_id = ${organization}`,
  consent: ({ person }, run) => run`DELETE FROM consents WHERE user_id = ${person.userId}`,
  grant: ({ person }, run) => run`UPDATE grants SET revoked_at = now() WHERE user_id = ${person.userId}`,
}

/** Counts everything that a step can write in the user's name. */
export async function countWrites({ person: { userId } }: Scene, run: Sql) {
  const [row] = await run`
    SELECT
      (SELECT count(*)::int FROM audit_events WHERE actor_id = ${userId} AND status_code < 300) AS events,
      (SELECT count(*)::int FROM grants WHERE user_id = ${userId} AND revoked_at IS NULL) AS grants,
      (SELECT count(*)::int FROM consents WHERE user_id = ${userId}) AS consents,
      (SELECT count(*)::int FROM consent_organizations WHERE user_id = ${userId}) AS organizations,
      (SELECT count(*)::int FROM oidc_artifacts WHERE account_id = ${userId} AND model <> 'Session') AS artifacts,
      (SELECT email_verified FROM users WHERE id = ${userId}) AS verified`
  return row
}
