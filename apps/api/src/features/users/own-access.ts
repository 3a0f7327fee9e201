import type { TokenPrincipal } from '@daytona-auth/auth'
import { isPerson } from '@daytona-auth/auth'
import { endedKeyEntries } from '@daytona-auth/db/api-keys'
import { type AuditEntry, auditEntry, inAudit } from '@daytona-auth/db/audit'
import type { ApiKeyId, Database, GrantId, OrganizationId, Page, PageRequest, UserId } from '@daytona-auth/db/core'
import type { EndedAccess } from '@daytona-auth/db/grants'
import {
  type AuthorizedAppRow,
  endUserSession,
  listAuthorizedApps,
  listSessions,
  lockUser,
  removeAuthorizedApp,
  renameUser,
  type SessionRow,
} from '@daytona-auth/db/users'
import { forbidden, type Missing, notFound } from '@daytona-auth/service'
import type { Caller } from '../../http/caller.ts'

export interface OwnAccessDependencies {
  readonly database: Database
  /** Invalidates cached verifications in this process that depend on the changed row. */
  readonly invalidate: (
    change: { kind: 'user'; id: UserId } | { kind: 'grant'; id: GrantId } | { kind: 'key'; id: ApiKeyId },
  ) => void
}

/** Renames the caller and returns their updated principal. */
export async function renameCaller(
  { database, invalidate }: OwnAccessDependencies,
  caller: Caller,
  name: string | undefined,
): Promise<TokenPrincipal> {
  const person = personOf(caller)
  if (name === undefined) return person
  const entry = (organizationId: OrganizationId): AuditEntry =>
    auditEntry('user.update', {
      ...caller.actor,
      organizationId,
      targetId: person.userId,
      statusCode: 200,
      metadata: { name },
    })
  await inAudit(database, caller.authority('manage'), entry, async (tx) => {
    const organizationId = requireLockedUser(await lockUser(tx, person.userId))
    await renameUser(tx, person.userId, name)
    return organizationId
  })
  invalidate({ kind: 'user', id: person.userId })
  return { ...person, userName: name }
}

/** Reads a page of the caller's sessions. */
export function readSessionPage(
  { database }: OwnAccessDependencies,
  caller: Caller,
  page: PageRequest<number>,
): Promise<Page<SessionRow, number>> {
  const { userId, grantId } = personOf(caller)
  return listSessions(database, userId, grantId, page)
}

/** Reads a page of the apps authorized by the caller. */
export const readAuthorizedAppPage = (
  { database }: OwnAccessDependencies,
  caller: Caller,
  page: PageRequest<string>,
): Promise<Page<AuthorizedAppRow, string>> => listAuthorizedApps(database, caller.principal.userId, page)

/**
 * Ends one of the caller's sessions and revokes its grants and the keys created with them.
 * @throws Denial 404 unless it is a session of the caller
 */
export function endSession(dependencies: OwnAccessDependencies, caller: Caller, id: string): Promise<void> {
  return endAccess(dependencies, caller, {
    action: 'session.end',
    targetId: id,
    missing: 'Session',
    change: (tx) => endUserSession(tx, caller.principal.userId, id, 'session ended by its user'),
  })
}

/**
 * Revokes an app's access to the caller's account: its grants on every device, the keys created with them, and the
 * consent.
 * @throws Denial 404 unless the caller authorized the app
 */
export function revokeApp(dependencies: OwnAccessDependencies, caller: Caller, clientId: string): Promise<void> {
  return endAccess(dependencies, caller, {
    action: 'authorized_app.remove',
    targetId: clientId,
    missing: 'Authorized app',
    change: (tx) => removeAuthorizedApp(tx, caller.principal.userId, clientId, 'app removed by its user'),
  })
}

interface AccessEnd {
  readonly action: 'session.end' | 'authorized_app.remove'
  readonly targetId: string
  /** The resource that the 404 names if there is nothing to end. */
  readonly missing: Missing
  readonly change: (tx: Parameters<typeof endUserSession>[0]) => Promise<EndedAccess | undefined>
}

async function endAccess(
  { database, invalidate }: OwnAccessDependencies,
  caller: Caller,
  { action, targetId, missing, change }: AccessEnd,
): Promise<void> {
  const { principal, actor } = caller
  const entriesFor = ({ organizationId, grants, keys }: EndedAccess & { organizationId: OrganizationId }) => {
    const own = { ...actor, organizationId, statusCode: 204 }
    const endedBy = `${action} ${targetId}`
    return [
      auditEntry(action, { ...own, targetId, metadata: { endedGrants: grants.length, endedKeys: keys.length } }),
      ...grants.map(({ id, clientId }) =>
        auditEntry('grant.revoke', {
          ...own,
          targetId: id,
          metadata: { clientId, endedBy },
        }),
      ),
      ...endedKeyEntries(actor, keys, { endedBy }),
    ]
  }
  const { grants, keys } = await inAudit(database, caller.authority('manage'), entriesFor, async (tx) => {
    const organizationId = requireLockedUser(await lockUser(tx, principal.userId))
    const ended = await change(tx)
    if (!ended) throw notFound(missing)
    return { ...ended, organizationId }
  })
  for (const { id } of grants) invalidate({ kind: 'grant', id })
  for (const { id } of keys) invalidate({ kind: 'key', id })
}

/** Narrows the type. The routes require a person already. */
function personOf({ principal }: Caller): TokenPrincipal {
  if (!isPerson(principal)) throw forbidden('This needs a signed-in person')
  return principal
}

/** @throws Denial 403 if the user was disabled or removed since the request began */
function requireLockedUser(organizationId: OrganizationId | undefined): OrganizationId {
  if (organizationId === undefined) throw forbidden('Your account was disabled or deleted')
  return organizationId
}
