import { and, eq, sql } from 'drizzle-orm'
import type { AuditedTx } from './audit.ts'
import type { Queryable } from './client.ts'
import type { OrganizationId, UserId } from './id.ts'
import { consents } from './schema/grants.ts'

/** What a user has agreed to for a client, remembered across authorizations. */
export interface Consent {
  readonly scopes: string[]
  readonly organizationIds: OrganizationId[]
}

export async function findConsent(db: Queryable, userId: UserId, clientId: string): Promise<Consent | undefined> {
  const [row] = await db
    .select({ scopes: consents.scopes, organizationIds: consents.organizationIds })
    .from(consents)
    .where(and(eq(consents.userId, userId), eq(consents.clientId, clientId)))
  return row
}

/**
 * Remembers an answer on the consent page. Of the scopes asked for, those granted are remembered and the others
 * forgotten; scopes of earlier answers that were not asked for this time stay. The organizations are the latest choice.
 */
export async function rememberConsent(
  tx: AuditedTx,
  answer: {
    readonly userId: UserId
    readonly clientId: string
    readonly requested: readonly string[]
    readonly granted: readonly string[]
    readonly organizationIds: readonly OrganizationId[]
  },
): Promise<void> {
  const scopes = [...new Set(answer.granted)]
  const organizationIds = [...new Set(answer.organizationIds)]
  await tx
    .insert(consents)
    .values({ userId: answer.userId, clientId: answer.clientId, scopes, organizationIds })
    .onConflictDoUpdate({
      target: [consents.userId, consents.clientId],
      set: {
        scopes: sql`ARRAY(
          SELECT unnest(excluded.scopes)
          UNION SELECT kept FROM unnest(${consents.scopes}) AS kept WHERE kept <> ALL(${sql.param([...answer.requested])}::text[]))`,
        organizationIds: sql`excluded.organization_ids`,
        updatedAt: sql`now()`,
      },
    })
}
