import { sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { OrganizationId, UserId } from '../core/id.ts'

/** The consent of a user for a client, saved across authorizations. */
export interface Consent {
  /** Consented in every organization of the user: identity scopes, and those of a first-party client. */
  readonly scopes: readonly string[]
  /** The scopes that the user left out of the last answer about them, in all organizations. */
  readonly declined: readonly string[]
  /** The consented permissions of each organization, ordered by its id. */
  readonly organizations: readonly ConsentedOrganization[]
}

export interface ConsentedOrganization {
  readonly id: OrganizationId
  readonly scopes: readonly string[]
}

export async function findConsent(db: Queryable, userId: UserId, clientId: string): Promise<Consent | undefined> {
  const [row] = await db.execute<{ scopes: string[]; declined: string[]; organizations: ConsentedOrganization[] }>(sql`
    SELECT scopes, declined, coalesce((
      SELECT json_agg(json_build_object('id', organization_id, 'scopes', scopes) ORDER BY organization_id)
      FROM consent_organizations consented
      WHERE consented.user_id = consents.user_id AND consented.client_id = consents.client_id
    ), '[]') AS organizations
    FROM consents WHERE user_id = ${userId} AND client_id = ${clientId}`)
  return row
}

/** An answer on the consent page. */
export interface ConsentAnswer {
  readonly userId: UserId
  readonly clientId: string
  /** Granted in every organization of the user. */
  readonly scopes: readonly string[]
  /** Granted in the chosen organizations. */
  readonly permissions: readonly string[]
  /** Scopes that the page offered and the user left out: identity scopes and permissions. */
  readonly declined?: readonly string[]
  readonly organizationIds: readonly OrganizationId[]
}

/**
 * Saves an answer on the consent page. Scopes are added to those of earlier answers, for each organization. Of the permissions
 * that the page offered, an organization loses those that the user left out, and one that was not chosen loses all; it keeps
 * its others.
 */
export async function saveConsent(tx: AuditedTx, answer: ConsentAnswer): Promise<void> {
  const { userId, clientId } = answer
  const [scopes, permissions, declined] = [
    array(answer.scopes),
    array(answer.permissions),
    array(answer.declined ?? []),
  ]
  const chosen = array(answer.organizationIds)
  // This row first: its lock serializes concurrent answers.
  await tx.execute(sql`
    INSERT INTO consents (user_id, client_id, scopes, declined)
    VALUES (${userId}, ${clientId}, ARRAY(SELECT DISTINCT unnest(${scopes}) AS scope ORDER BY scope),
      ARRAY(SELECT DISTINCT unnest(${declined}) AS scope ORDER BY scope))
    ON CONFLICT (user_id, client_id) DO UPDATE SET
      scopes = ARRAY((SELECT unnest(consents.scopes) AS scope UNION SELECT unnest(excluded.scopes))
        EXCEPT SELECT unnest(excluded.declined) ORDER BY scope),
      declined = ARRAY((SELECT unnest(consents.declined) AS scope EXCEPT SELECT unnest(${scopes} || ${permissions}))
        UNION SELECT unnest(excluded.declined) ORDER BY scope),
      updated_at = now()`)
  await tx.execute(sql`
    UPDATE consent_organizations SET updated_at = now(),
      scopes = ARRAY(SELECT unnest(scopes) AS scope EXCEPT SELECT unnest(${permissions} || ${declined}) ORDER BY scope)
    WHERE user_id = ${userId} AND client_id = ${clientId}
      AND CASE WHEN organization_id = ANY (${chosen}) THEN scopes && ${declined}
        ELSE scopes && (${permissions} || ${declined}) END`)
  await tx.execute(sql`
    INSERT INTO consent_organizations (user_id, client_id, organization_id, scopes)
    SELECT ${userId}, ${clientId}, chosen.id, ARRAY(SELECT DISTINCT unnest(${permissions}) AS scope ORDER BY scope)
    FROM (SELECT DISTINCT unnest(${chosen}) AS id ORDER BY id) AS chosen WHERE cardinality(${permissions}) > 0
    ON CONFLICT (user_id, client_id, organization_id) DO UPDATE SET updated_at = now(),
      scopes = ARRAY(
        SELECT unnest(consent_organizations.scopes) AS scope UNION SELECT unnest(excluded.scopes) ORDER BY scope)`)
  await tx.execute(sql`
    DELETE FROM consent_organizations WHERE user_id = ${userId} AND client_id = ${clientId} AND scopes = '{}'`)
}

/** Removes from every consent for a client the scopes that the client may no longer request. */
export async function narrowConsents(tx: AuditedTx, clientId: string, allowed: readonly string[]): Promise<void> {
  const list = array(allowed)
  for (const table of [sql`consents`, sql`consent_organizations`]) {
    await tx.execute(sql`
      UPDATE ${table} SET scopes = ARRAY(SELECT scope FROM unnest(scopes) scope WHERE scope = ANY (${list})),
        updated_at = now()
      WHERE client_id = ${clientId} AND NOT scopes <@ ${list}`)
  }
  await tx.execute(sql`DELETE FROM consent_organizations WHERE client_id = ${clientId} AND scopes = '{}'`)
}

/** Deletes every consent for a client: the next authorization asks again. Its grants stay. */
export async function deleteConsents(tx: AuditedTx, clientId: string): Promise<void> {
  for (const table of [sql`consent_organizations`, sql`consents`]) {
    await tx.execute(sql`DELETE FROM ${table} WHERE client_id = ${clientId}`)
  }
}

const array = (values: readonly string[]) => sql`${sql.param([...values])}::text[]`
