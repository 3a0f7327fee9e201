import { and, eq, gt, isNotNull, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import { resealRows } from '../audit/resealing.ts'
import type { Database, Queryable } from '../core/client.ts'
import type { OrganizationId } from '../core/id.ts'
import { identityProviders, organizationDomains } from '../schema/single-sign-on.ts'
import { withdrawGroupRoles } from './group-roles.ts'

type Stored = typeof identityProviders.$inferSelect

/** The OpenID provider of an organization, without its secret and what it changes in the organization (`Provisioning`). */
export type IdentityProviderRow = Pick<Stored, 'organizationId' | Given | 'signIn' | 'createdAt' | 'updatedAt'>

type Given = 'name' | 'issuer' | 'clientId' | 'scopes'

const {
  organizationId: ofOrganization,
  name,
  issuer,
  clientId,
  scopes,
  signIn,
  createdAt,
  updatedAt,
} = identityProviders
const columns = { organizationId: ofOrganization, name, issuer, clientId, scopes, signIn, createdAt, updatedAt }

export async function findIdentityProvider(
  db: Queryable,
  organizationId: OrganizationId,
): Promise<IdentityProviderRow | undefined> {
  const [row] = await db
    .select(columns)
    .from(identityProviders)
    .where(eq(identityProviders.organizationId, organizationId))
  return row
}

/** Finds the encrypted client secret of an organization's provider, with the issuer and the client that it was given for. */
export async function findSealedClientSecret(
  db: Queryable,
  organizationId: OrganizationId,
): Promise<Pick<Stored, 'issuer' | 'clientId' | 'sealedClientSecret'> | undefined> {
  const { sealedClientSecret } = identityProviders
  const [row] = await db
    .select({ issuer, clientId, sealedClientSecret })
    .from(identityProviders)
    .where(eq(identityProviders.organizationId, organizationId))
  return row
}

/** An identity provider with its encrypted client secret, as the provider needs it for a sign-in. */
export type SealedIdentityProvider = Pick<Stored, 'organizationId' | Given | 'sealedClientSecret' | 'groupsClaim'>

const sealedColumns = {
  organizationId: ofOrganization,
  name,
  issuer,
  clientId,
  scopes,
  sealedClientSecret: identityProviders.sealedClientSecret,
  groupsClaim: identityProviders.groupsClaim,
}

export async function findSealedIdentityProvider(
  db: Queryable,
  organizationId: OrganizationId,
): Promise<SealedIdentityProvider | undefined> {
  const [row] = await db
    .select(sealedColumns)
    .from(identityProviders)
    .where(eq(identityProviders.organizationId, organizationId))
  return row
}

/** Finds the identity provider of the organization that has verified this normalized domain. */
export async function findIdentityProviderOfDomain(
  db: Queryable,
  domain: string,
): Promise<SealedIdentityProvider | undefined> {
  const [row] = await db
    .select(sealedColumns)
    .from(identityProviders)
    .innerJoin(organizationDomains, eq(organizationDomains.organizationId, identityProviders.organizationId))
    .where(and(eq(organizationDomains.domain, domain), isNotNull(organizationDomains.verifiedAt)))
  return row
}

/** Stores the provider of an organization, in place of the one before. */
export async function putIdentityProvider(
  tx: AuditedTx,
  organizationId: OrganizationId,
  provider: Pick<Stored, Given | 'sealedClientSecret'>,
): Promise<IdentityProviderRow> {
  const before = await findIdentityProvider(tx, organizationId)
  const [row] = await tx
    .insert(identityProviders)
    .values({ ...provider, organizationId })
    .onConflictDoUpdate({
      target: identityProviders.organizationId,
      set: { ...provider, updatedAt: sql`now()` },
    })
    .returning(columns)
  if (!row) throw new Error(`the identity provider of ${organizationId} was not stored`)
  if (before && before.issuer !== row.issuer) await withdrawGroupRoles(tx, organizationId)
  return row
}

/**
 * Deletes the provider of an organization with its secret, and withdraws the roles that groups gave: no sign-in would. Those
 * assigned by hand stay. `undefined` if there is none.
 */
export async function deleteIdentityProvider(
  tx: AuditedTx,
  organizationId: OrganizationId,
): Promise<IdentityProviderRow | undefined> {
  const [row] = await tx
    .delete(identityProviders)
    .where(eq(identityProviders.organizationId, organizationId))
    .returning(columns)
  if (row) await withdrawGroupRoles(tx, organizationId)
  return row
}

/** The encrypted client secret of an identity provider, whose id is its organization's. */
export interface SealedClientSecret {
  readonly id: OrganizationId
  readonly organizationId: OrganizationId
  readonly sealedClientSecret: string
}

/** Replaces the encrypted client secrets of identity providers (see `resealRows`). */
export const resealIdentityProviders = (
  db: Database,
  reseal: (provider: SealedClientSecret) => Promise<string | undefined>,
  source: string,
): Promise<number> =>
  resealRows<SealedClientSecret>(
    db,
    {
      action: 'identity_provider.reencrypt',
      lock: (tx, after, limit) =>
        tx
          .select({
            id: ofOrganization,
            organizationId: ofOrganization,
            sealedClientSecret: identityProviders.sealedClientSecret,
          })
          .from(identityProviders)
          .where(after && gt(ofOrganization, after))
          .orderBy(ofOrganization)
          .limit(limit)
          .for('update'),
      replace: (tx, organizationId, sealedClientSecret) =>
        tx.update(identityProviders).set({ sealedClientSecret }).where(eq(ofOrganization, organizationId)),
    },
    reseal,
    source,
  )
