import type { TokenPrincipal } from '@daytona-auth/auth'
import { isPerson } from '@daytona-auth/auth'
import {
  type ApiKeyId,
  type AuditEntry,
  type AuthorizedAppRow,
  type Database,
  type EndedAccess,
  endedKeyEntries,
  endUserSession,
  type GrantId,
  inAudit,
  listAuthorizedApps,
  listSessions,
  lockUser,
  type OrganizationId,
  type Page,
  type PageRequest,
  removeAuthorizedApp,
  renameUser,
  type SessionRow,
  type UserId,
} from '@daytona-auth/db'
import { forbidden, type Missing, notFound } from '@daytona-auth/service'
import type { Caller } from '../../http/caller.ts'

export interface OwnAccessDependencies {
  readonly database: Database
  /** Makes this process refuse or read anew what depends on something, from now on. */
  readonly invalidate: (
    change: { kind: 'user'; id: UserId } | { kind: 'grant'; id: GrantId } | { kind: 'key'; id: ApiKeyId },
  ) => void
}

/** The person who asks, as the change leaves them. */
export async function rename(
  { database, invalidate }: OwnAccessDependencies,
  caller: Caller,
  name: string | undefined,
): Promise<TokenPrincipal> {
  const person = personOf(caller)
  if (name === undefined) return person
  const entry = (organizationId: OrganizationId): AuditEntry => ({
    ...caller.actor,
    organizationId,
    action: 'user.update',
    targetType: 'user',
    targetId: person.userId,
    statusCode: 200,
    metadata: { name },
  })
  await inAudit(database, caller.authority('manage'), entry, async (tx) => {
    const organizationId = requireHeld(await lockUser(tx, person.userId))
    await renameUser(tx, person.userId, name)
    return organizationId
  })
  invalidate({ kind: 'user', id: person.userId })
  return { ...person, userName: name }
}

/** A page of the caller's sessions. */
export function sessionsOf(
  { database }: OwnAccessDependencies,
  caller: Caller,
  page: PageRequest<number>,
): Promise<Page<SessionRow, number>> {
  const { userId, grantId } = personOf(caller)
  return listSessions(database, userId, grantId, page)
}

/** A page of the apps that act for the caller. */
export const appsOf = (
  { database }: OwnAccessDependencies,
  caller: Caller,
  page: PageRequest<string>,
): Promise<Page<AuthorizedAppRow, string>> => listAuthorizedApps(database, caller.principal.userId, page)

/**
 * Signs the caller out in one browser: its grants are killed, and the keys that were made with them.
 * @throws Refusal 404 for a session of somebody else or none.
 */
export function endSession(dependencies: OwnAccessDependencies, caller: Caller, id: string): Promise<void> {
  return end(dependencies, caller, {
    target: { action: 'session.end', targetType: 'session', targetId: id },
    missing: 'Session',
    change: (tx) => endUserSession(tx, caller.principal.userId, id, 'session ended by its user'),
  })
}

/**
 * Takes from an app all that it may do for the caller: its grants on every device, the keys that were made with them,
 * and the consent.
 * @throws Refusal 404 for what the caller lets do nothing.
 */
export function removeApp(dependencies: OwnAccessDependencies, caller: Caller, clientId: string): Promise<void> {
  return end(dependencies, caller, {
    target: { action: 'authorized_app.remove', targetType: 'oauth_app', targetId: clientId },
    missing: 'Authorized app',
    change: (tx) => removeAuthorizedApp(tx, caller.principal.userId, clientId, 'app removed by its user'),
  })
}

interface Ending {
  readonly target: Pick<AuditEntry, 'action' | 'targetType' | 'targetId'>
  /** What is not found when there is nothing to end. */
  readonly missing: Missing
  readonly change: (tx: Parameters<typeof endUserSession>[0]) => Promise<EndedAccess | undefined>
}

async function end(
  { database, invalidate }: OwnAccessDependencies,
  caller: Caller,
  { target, missing, change }: Ending,
): Promise<void> {
  const { principal, actor } = caller
  const entriesFor = ({ organizationId, grants, keys }: EndedAccess & { organizationId: OrganizationId }) => {
    const own: Omit<AuditEntry, 'action'> = { ...actor, organizationId, statusCode: 204 }
    const endedBy = `${target.action} ${target.targetId}`
    return [
      { ...own, ...target, metadata: { endedGrants: grants.length, endedKeys: keys.length } },
      ...grants.map(({ id, clientId }) => ({
        ...own,
        action: 'grant.revoke',
        targetType: 'grant',
        targetId: id,
        metadata: { clientId, endedBy },
      })),
      ...endedKeyEntries(actor, keys, { endedBy }),
    ]
  }
  const { grants, keys } = await inAudit(database, caller.authority('manage'), entriesFor, async (tx) => {
    const organizationId = requireHeld(await lockUser(tx, principal.userId))
    const ended = await change(tx)
    if (!ended) throw notFound(missing)
    return { ...ended, organizationId }
  })
  for (const { id } of grants) invalidate({ kind: 'grant', id })
  for (const { id } of keys) invalidate({ kind: 'key', id })
}

/** The routes ask for a person; this tells the compiler. */
function personOf({ principal }: Caller): TokenPrincipal {
  if (!isPerson(principal)) throw forbidden('no person asks')
  return principal
}

/** Somebody who was disabled or removed since the request began. */
function requireHeld(organizationId: OrganizationId | undefined): OrganizationId {
  if (organizationId === undefined) throw forbidden('the user is gone')
  return organizationId
}
