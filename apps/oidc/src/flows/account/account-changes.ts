import { mailLanguage } from '@daytona-auth/accounts/language/language'
import { passwordChangedMail } from '@daytona-auth/accounts/mail/password-changed-mail'
import { MAX_PASSWORD_BYTES } from '@daytona-auth/accounts/passwords'
import { type AuditEntry, auditEntry, callerAuthority, inAudit, recordAudit } from '@daytona-auth/db/audit'
import type { Queryable } from '@daytona-auth/db/core'
import type { EndedAccess } from '@daytona-auth/db/grants'
import { confirmProviderStep } from '@daytona-auth/db/principals'
import {
  type Account,
  type AccountDeletion,
  type AffectedOrganization,
  choosePreferences,
  deleteAccount,
  deletedAccountEntries,
  type EndedUserAccess,
  endOtherUserAccess,
  endPendingSignIns,
  endUserSession,
  listSessions,
  lockWholeAccount,
  type Preferences,
  removeAuthorizedApp,
  renameUser,
  replacePasswordHash,
} from '@daytona-auth/db/users'
import type { FastifyBaseLogger } from 'fastify'
import type { Message } from '../../pages/language.ts'
import { actorOf, type ChangeOrigin } from '../interaction/change-origin.ts'
import { endedAccessEntries, invalidateAccess } from '../interaction/ended-access.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { STALE } from '../interaction/page-errors.ts'
import { FRESH_SECONDS, StepEnded, stepAuthority } from '../interaction/step-authority.ts'
import { MAX_SESSIONS, type OpenAccount } from './open-account.ts'

/** The authority of a form of an account page: the user and the browser session, read again under their locks. */
const pageAuthority = ({ viewer: { userId, sessionUid } }: OpenAccount) =>
  stepAuthority('account page', { userId, sessionUid })

/** Renames the account. */
export async function renameAccount(
  { database, context }: InteractionContext,
  open: OpenAccount,
  name: string,
  origin: ChangeOrigin,
): Promise<void> {
  const { account } = open
  const { userId, personalOrganizationId: organizationId } = account
  const entry = auditEntry('user.update', {
    ...actorOf(account, origin),
    organizationId,
    targetId: userId,
    statusCode: 200,
    metadata: { name },
  })
  await inAudit(database, pageAuthority(open), entry, (tx) => renameUser(tx, userId, name))
  context.invalidate({ kind: 'user', id: userId })
}

/** Stores the language and the time zone that the person has chosen. */
export async function changePreferences(
  { database, context }: InteractionContext,
  open: OpenAccount,
  preferences: Preferences,
  origin: ChangeOrigin,
): Promise<void> {
  const { account } = open
  const { userId, personalOrganizationId: organizationId } = account
  const entry = auditEntry('user.choose_preferences', {
    ...actorOf(account, origin),
    organizationId,
    targetId: userId,
    statusCode: 200,
    metadata: { language: preferences.chosenLanguage, timeZone: preferences.timeZone },
  })
  await inAudit(database, pageAuthority(open), entry, (tx) =>
    choosePreferences(tx, userId, preferences, origin.language),
  )
  context.invalidate({ kind: 'user', id: userId })
}

export type PasswordChange =
  | { readonly kind: 'changed' }
  /** The current password is wrong. */
  | { readonly kind: 'wrong' }
  | { readonly kind: 'refused'; readonly problem: Message }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

/**
 * Replaces the password after a check of the current one, which counts as a sign-in. Ends every other session and every
 * grant that was not made in this one, also of the CLI and of devices, and mailed links that would change the account. API
 * keys stay.
 * @throws PasswordCheckOverloaded, HashingOverloaded
 */
export async function changePassword(
  interactionContext: InteractionContext,
  open: OpenAccount,
  { current, next }: { readonly current: string; readonly next: string },
  origin: ChangeOrigin,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<PasswordChange> {
  const { database, hasher, checker, limits, context, runAfterResponse } = interactionContext
  const { account, viewer } = open
  const { userId, email, passwordHash: stored, personalOrganizationId: organizationId } = account
  const slot = await limits.signIn(email, origin.address)
  if (!slot.allowed) return { kind: 'too-many', retryAfterSeconds: slot.retryAfterSeconds }
  const fits = Buffer.byteLength(current) <= MAX_PASSWORD_BYTES
  const matches = await hasher.verify(stored ?? undefined, fits ? current : '').catch((error: unknown) => {
    // A server error does not show whether the password was right.
    slot.undecided()
    throw error
  })
  if (!matches || stored === null) {
    runAfterResponse(() => recordAudit(database, wrongPasswordEntry(account, origin)))
    return { kind: 'wrong' }
  }
  slot.succeeded()
  const problem = await checker.problemOf(next, account)
  if (problem !== undefined) return { kind: 'refused', problem }
  const passwordHash = await hasher.hash(next)
  const actor = actorOf(account, origin)
  const ended = await inAudit<EndedUserAccess>(
    database,
    pageAuthority(open),
    ({ sessions, ...access }) => [
      auditEntry('user.change_password', {
        ...actor,
        organizationId,
        targetId: userId,
        statusCode: 200,
        metadata: { endedSessions: sessions, endedGrants: access.grants.length, endedKeys: access.keys.length },
      }),
      ...endedAccessEntries(actor, organizationId, access, `user.change_password ${userId}`),
    ],
    async (tx) => {
      // Another page may have changed it since it was compared.
      if (!(await replacePasswordHash(tx, userId, stored, passwordHash))) {
        throw new StepEnded(409, STALE, { cause: 'password was changed concurrently' })
      }
      return endOtherUserAccess(tx, userId, viewer.sessionUid, 'the password was changed')
    },
  )
  invalidateAccess(interactionContext, ended)
  runAfterResponse(async () => {
    const mail = passwordChangedMail({
      to: email,
      issuer: context.config.ISSUER,
      now: context.now(),
      translation: context.mailsIn(mailLanguage(account.language, origin.language)),
    })
    await context.mailer?.send(mail).catch((error: unknown) => logger.warn({ err: error, userId }, 'mail failed'))
  })
  return { kind: 'changed' }
}

/** Builds the event of a wrong current password, as of a failed sign-in. */
const wrongPasswordEntry = (account: Account, origin: ChangeOrigin): AuditEntry =>
  auditEntry('user.change_password', {
    ...actorOf(account, origin),
    organizationId: account.personalOrganizationId,
    targetId: account.userId,
    statusCode: 401,
    errorMessage: 'Wrong password',
    metadata: { endedSessions: 0, endedGrants: 0, endedKeys: 0 },
  })

/** Ends a session of the account; undefined if there is none of that id. */
export async function endSession(
  interactionContext: InteractionContext,
  open: OpenAccount,
  uid: string,
  origin: ChangeOrigin,
): Promise<EndedAccess | undefined> {
  return endAccess(interactionContext, open, origin, {
    action: 'session.end',
    targetId: uid,
    change: (tx) => endUserSession(tx, open.viewer.userId, uid, 'session ended by its user'),
  })
}

/** Ends every session of the account but the one of the page, and sign-ins that have no session yet. */
export async function endOtherSessions(
  interactionContext: InteractionContext,
  open: OpenAccount,
  origin: ChangeOrigin,
): Promise<void> {
  const { userId, sessionUid } = open.viewer
  const { database } = interactionContext
  // First: a sign-in that stores its session after the list was read must not be missed.
  await inAudit(database, pageAuthority(open), [], (tx) => endPendingSignIns(tx, userId))
  const { rows } = await listSessions(database, userId, null, { limit: MAX_SESSIONS })
  for (const { id } of rows) if (id !== sessionUid) await endSession(interactionContext, open, id, origin)
}

/** Revokes the access of an app; undefined if it has none. */
export async function removeApp(
  interactionContext: InteractionContext,
  open: OpenAccount,
  clientId: string,
  origin: ChangeOrigin,
): Promise<EndedAccess | undefined> {
  return endAccess(interactionContext, open, origin, {
    action: 'authorized_app.remove',
    targetId: clientId,
    change: (tx) => removeAuthorizedApp(tx, open.viewer.userId, clientId, 'app removed by its user'),
  })
}

async function endAccess(
  interactionContext: InteractionContext,
  open: OpenAccount,
  origin: ChangeOrigin,
  {
    action,
    targetId,
    change,
  }: {
    readonly action: 'session.end' | 'authorized_app.remove'
    readonly targetId: string
    readonly change: (tx: Parameters<typeof endUserSession>[0]) => Promise<EndedAccess | undefined>
  },
): Promise<EndedAccess | undefined> {
  const { account } = open
  const { personalOrganizationId: organizationId } = account
  const actor = actorOf(account, origin)
  const ended = await inAudit<EndedAccess | undefined>(
    interactionContext.database,
    pageAuthority(open),
    (access) =>
      access
        ? [
            auditEntry(action, {
              ...actor,
              organizationId,
              targetId,
              statusCode: 200,
              metadata: { endedGrants: access.grants.length, endedKeys: access.keys.length },
            }),
            ...endedAccessEntries(actor, organizationId, access, `${action} ${targetId}`),
          ]
        : [],
    change,
  )
  if (ended) invalidateAccess(interactionContext, ended)
  return ended
}

/**
 * Deletes the account, if the sign-in of this session is recent. Returns the organizations that block it.
 * @throws StepEnded if the session or the account ended, or the sign-in is not recent any more
 */
export async function deleteOwnAccount(
  interactionContext: InteractionContext,
  open: OpenAccount,
  origin: ChangeOrigin,
): Promise<readonly AffectedOrganization[]> {
  const { database, context } = interactionContext
  const { account, viewer } = open
  const { userId } = account
  const confirm = async (tx: Queryable) => {
    // Organizations before the user, as in every transaction.
    await lockWholeAccount(tx, userId)
    const session = { userId, sessionUid: viewer.sessionUid }
    const step = { ...session, signedInWithinSeconds: FRESH_SECONDS, withSecondFactor: true }
    const ended = await confirmProviderStep(tx, step)
    if (ended !== undefined) throw new StepEnded(409, STALE, { cause: `${ended} ended before the write` })
    return undefined
  }
  const result = await inAudit<AccountDeletion>(
    database,
    callerAuthority('account page', confirm),
    (done) =>
      done.outcome === 'deleted'
        ? deletedAccountEntries(actorOf(account, origin), userId, done.deletion, 'deleted by its user')
        : [],
    (tx) => deleteAccount(tx, userId, 'account deleted by its user'),
  )
  if (result.outcome === 'blocked') return result.organizations
  if (result.outcome === 'unknown') throw new StepEnded(409, STALE, { cause: 'account was deleted' })
  const { deletion } = result
  invalidateAccess(interactionContext, deletion)
  for (const { id } of deletion.personalKeys) context.invalidate({ kind: 'key', id })
  for (const { id } of deletion.deleted) context.invalidate({ kind: 'organization', id })
  context.invalidate({ kind: 'user', id: userId })
  return []
}
