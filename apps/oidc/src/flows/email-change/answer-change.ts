import { mailLanguage } from '@daytona-auth/accounts/language/language'
import { emailChangedMail } from '@daytona-auth/accounts/mail/email-change-mail'
import { digestOf } from '@daytona-auth/auth'
import { type AuditEntry, auditEntry, inAudit } from '@daytona-auth/db/audit'
import type { UserId } from '@daytona-auth/db/core'
import {
  type Account,
  cancelEmailChange,
  confirmEmailChange,
  type EmailChangeOutcome,
  type EmailChangeSide,
  findAccountById,
} from '@daytona-auth/db/users'
import type { FastifyBaseLogger } from 'fastify'
import { actorOf, type ChangeOrigin } from '../interaction/change-origin.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { stepAuthority } from '../interaction/step-authority.ts'

/** A mailed link of a change of the address, and where it was opened. */
export interface EmailChangeLink extends ChangeOrigin {
  readonly token: string
  readonly userId: UserId
  readonly side: EmailChangeSide
}

/** Confirms a change by the token of one of the addresses. The second confirmation changes the address, and mails that to both. */
export async function confirmChange(
  { database, context, runAfterResponse }: InteractionContext,
  { token, userId, side, ...origin }: EmailChangeLink,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<EmailChangeOutcome> {
  const account = await findAccountById(database, userId)
  if (!account) return { kind: 'gone' }
  const outcome = await inAudit<EmailChangeOutcome>(
    database,
    stepAuthority('email change link', { userId }),
    (done) => outcomeEntries(account, origin, side, done),
    (tx) => confirmEmailChange(tx, userId, side, digestOf(token)),
  )
  if (outcome.kind !== 'changed') return outcome
  context.invalidate({ kind: 'user', id: userId })
  const change = {
    current: outcome.before,
    next: outcome.newEmail,
    issuer: context.config.ISSUER,
    now: context.now(),
    translation: context.mailsIn(mailLanguage(account.language, origin.language)),
  }
  runAfterResponse(async () => {
    for (const to of [change.current, change.next]) {
      await context.mailer
        ?.send(emailChangedMail({ ...change, to }))
        .catch((error: unknown) => logger.warn({ err: error, userId }, 'mail failed'))
    }
  })
  return outcome
}

/** Cancels a change by the token of the current address. Returns the refused address; undefined if the link has ended. */
export async function cancelChange(
  { database }: InteractionContext,
  { token, userId, ...origin }: Omit<EmailChangeLink, 'side'>,
): Promise<string | undefined> {
  const account = await findAccountById(database, userId)
  if (!account) return undefined
  return inAudit<string | undefined>(
    database,
    stepAuthority('email change link', { userId }),
    (email) =>
      email === undefined
        ? []
        : auditEntry('user.cancel_email_change', { ...factsOf(account, origin), metadata: { email, by: 'mail' } }),
    (tx) => cancelEmailChange(tx, userId, digestOf(token)),
  )
}

function outcomeEntries(
  account: Account,
  origin: ChangeOrigin,
  by: EmailChangeSide,
  outcome: EmailChangeOutcome,
): AuditEntry[] {
  if (outcome.kind === 'gone') return []
  const facts = factsOf(account, origin)
  const email = outcome.newEmail
  const confirmed = auditEntry('user.confirm_email_change', { ...facts, metadata: { email, by } })
  if (outcome.kind === 'waiting') return [confirmed]
  const changed = outcome.kind === 'changed'
  const before = changed ? outcome.before : account.email
  const statusCode = changed ? 200 : 409
  return [confirmed, auditEntry('user.change_email', { ...facts, statusCode, metadata: { before, email } })]
}

const factsOf = (account: Account, origin: ChangeOrigin) => ({
  ...actorOf(account, origin),
  organizationId: account.personalOrganizationId,
  targetId: account.userId,
  statusCode: 200,
})
