import type { SealedSecrets } from '@daytona-auth/accounts/sealed-secrets'
import { checkUpstream, issuerProblem } from '@daytona-auth/accounts/upstream-check'
import type { Change } from '@daytona-auth/auth'
import { type AuditEntry, type AuditMetadata, auditEntry, inAudit } from '@daytona-auth/db/audit'
import type { Database } from '@daytona-auth/db/core'
import {
  deleteIdentityProvider,
  findIdentityProvider,
  findSealedClientSecret,
  findSignInObstacle,
  type IdentityProviderRow,
  putIdentityProvider,
  type SignInRule,
  setSignInRule,
} from '@daytona-auth/db/organizations'
import { badRequest, conflict, notFound, type PublicFetch, unavailable } from '@daytona-auth/service'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../http/caller.ts'
import { confirmOwner, lockForOwner } from './authority.ts'
import { redirectUriOf, type SetIdentityProvider } from './identity-provider-schema.ts'

export interface IdentityProviderDependencies {
  readonly database: Database
  /** Invalidates cached verifications in this process that depend on the changed row: roles of groups may end, and tokens. */
  readonly invalidate: (change: Change) => void
  /** Encrypts client secrets for storage. Absent without RESOURCE_SECRETS_KEY. */
  readonly clientSecrets: SealedSecrets | undefined
  readonly fetchPublic: PublicFetch
  /** Our own issuer, which no organization can have as its provider. */
  readonly issuer: string
}

/** Finds the identity provider of the caller's organization. @throws Denial 404 */
export async function getIdentityProvider(
  { database }: Pick<IdentityProviderDependencies, 'database'>,
  { organization }: CallerInOrganization,
): Promise<IdentityProviderRow> {
  return (await findIdentityProvider(database, organization.organizationId)) ?? throwNoIdentityProvider()
}

/**
 * Sets the identity provider of the caller's organization after a test of it. A stored secret stays with the issuer and the
 * client that it was given for: otherwise it could be sent to another server.
 * @throws Denial 400 for what the test finds or a missing secret, 403 unless an owner acts in person, 401 without a recent
 *   sign-in, 409 in a personal organization, if it changed at the same time, or if it is required and no owner were sure of a
 *   way in, 503 without a key to encrypt with
 */
export async function setIdentityProvider(
  { database, clientSecrets, fetchPublic, issuer: ourIssuer, invalidate }: IdentityProviderDependencies,
  caller: CallerInOrganization,
  { name, issuer, clientId, clientSecret: given, scopes }: z.output<typeof SetIdentityProvider>,
): Promise<IdentityProviderRow> {
  await confirmOwner(database, caller)
  const { organizationId } = caller.organization
  const problem = new URL(ourIssuer).origin === URL.parse(issuer)?.origin ? 'is this service' : issuerProblem(issuer)
  if (problem !== undefined) throw refused('issuer', problem)
  if (!clientSecrets) throw unavailable('RESOURCE_SECRETS_KEY is not set', 60)

  const stored = given === undefined ? await findSealedClientSecret(database, organizationId) : undefined
  const isSame = stored?.issuer === issuer && stored.clientId === clientId
  const opened = isSame ? await clientSecrets.open(stored.sealedClientSecret, organizationId) : undefined
  const clientSecret = given ?? opened?.secret
  if (clientSecret === undefined) throw refused('clientSecret', 'is required for another issuer or client')
  const redirectUri = redirectUriOf(ourIssuer, organizationId)
  const found = await checkUpstream(fetchPublic, { issuer, clientId, clientSecret }, redirectUri)
  if (found) throw refused(found.path, found.message)

  const sealedClientSecret = await clientSecrets.seal(clientSecret, organizationId)
  const entry = entryOf(caller, 'identity_provider.set', 200, {
    name,
    issuer,
    clientId,
    scopes,
    secretChanged: given !== undefined,
  })
  const set = await inAudit(database, caller.authority('administer'), entry, async (tx, confirmed) => {
    await lockForOwner(tx, confirmed)
    if (
      stored &&
      (await findSealedClientSecret(tx, organizationId))?.sealedClientSecret !== stored.sealedClientSecret
    ) {
      throw conflict('conflict', 'The identity provider was changed at the same time')
    }
    const row = await putIdentityProvider(tx, organizationId, { name, issuer, clientId, scopes, sealedClientSecret })
    // Sign-ins with another issuer do not count any more.
    if (row.signIn === 'required') denyObstacle(await findSignInObstacle(tx, organizationId))
    return row
  })
  invalidate({ kind: 'organization', id: organizationId })
  return set
}

/**
 * Sets whether the organization of the caller requires its identity provider. Nothing is requested from the provider, so that
 * the requirement ends also if it does not answer.
 * @throws Denial 404, 403 and 401 as `setIdentityProvider`, 409 without a verified domain, or if no owner were sure of a way in
 */
export async function updateIdentityProvider(
  { database, invalidate }: Pick<IdentityProviderDependencies, 'database' | 'invalidate'>,
  caller: CallerInOrganization,
  signIn: SignInRule,
): Promise<IdentityProviderRow> {
  const { organizationId } = caller.organization
  const entry = entryOf(caller, 'identity_provider.update', 200, { signIn })
  const updated = await inAudit(database, caller.authority('administer'), entry, async (tx, confirmed) => {
    await lockForOwner(tx, confirmed)
    if (!(await setSignInRule(tx, organizationId, signIn))) throwNoIdentityProvider()
    if (signIn === 'required') denyObstacle(await findSignInObstacle(tx, organizationId))
    return (await findIdentityProvider(tx, organizationId)) ?? throwNoIdentityProvider()
  })
  invalidate({ kind: 'organization', id: organizationId })
  return updated
}

/** @throws Denial 409 */
function denyObstacle(obstacle: 'domain' | 'owner' | undefined): void {
  if (obstacle === 'domain') throw conflict('no_verified_domain', 'Verify an e-mail domain first')
  if (obstacle === 'owner') {
    throw conflict(
      'no_owner_sign_in',
      'First let an owner sign in with the identity provider, or add an authenticator app or a passkey to an owner’s account',
    )
  }
}

/** Removes the identity provider of the caller's organization. @throws Denial 404, 403 and 401 as `setIdentityProvider` */
export async function removeIdentityProvider(
  { database, invalidate }: Pick<IdentityProviderDependencies, 'database' | 'invalidate'>,
  caller: CallerInOrganization,
): Promise<void> {
  // The entry names what was removed, under the lock.
  const entry = ({ name, issuer }: IdentityProviderRow) =>
    entryOf(caller, 'identity_provider.delete', 204, { name, issuer })
  await inAudit<IdentityProviderRow, CallerInOrganization>(
    database,
    caller.authority('administer'),
    entry,
    async (tx, confirmed) => {
      await lockForOwner(tx, confirmed)
      return (await deleteIdentityProvider(tx, confirmed.organization.organizationId)) ?? throwNoIdentityProvider()
    },
  )
  invalidate({ kind: 'organization', id: caller.organization.organizationId })
}

const entryOf = <Action extends 'identity_provider.set' | 'identity_provider.update' | 'identity_provider.delete'>(
  { actor, organization: { organizationId } }: CallerInOrganization,
  action: Action,
  statusCode: number,
  metadata: AuditMetadata<Action>,
): AuditEntry => auditEntry(action, { ...actor, organizationId, targetId: organizationId, statusCode, metadata })

const refused = (path: string, message: string) => badRequest(`${path}: ${message}`, [{ path, message }])

/** @throws Denial 404 */
export function throwNoIdentityProvider(): never {
  throw notFound('Identity provider')
}
