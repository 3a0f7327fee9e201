import { mailLanguage } from '@daytona-auth/accounts/language/language'
import { emailChangeMails, emailTakenMail } from '@daytona-auth/accounts/mail/email-change-mail'
import { auditEntry, inAudit } from '@daytona-auth/db/audit'
import {
  type Account,
  createEmailChange,
  endEmailChange,
  findAccountByEmail,
  findPendingEmailChange,
  MailLimitReached,
} from '@daytona-auth/db/users'
import type { Mail } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'
import type { OpenAccount } from '../account/open-account.ts'
import { actorOf, type ChangeOrigin } from '../interaction/change-origin.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { FRESH_SECONDS, stepAuthority } from '../interaction/step-authority.ts'

/** `limited`: seconds to wait; undefined if the account has reached its own limit of mails. */
export type EmailChangeRequest =
  | { readonly kind: 'requested' }
  | { readonly kind: 'limited'; readonly retryAfterSeconds: number | undefined }

/**
 * Mails links to the current and to the new address, both of which have to confirm the change. The answer is the same
 * whether or not the new address has an account: then its mail says so, and its token is not sent to anyone. The request
 * counts before the work.
 * @throws StepEnded if the session ended, or its sign-in is not recent any more
 */
export async function requestEmailChange(
  { database, context, limits, runAfterResponse }: InteractionContext,
  { account, viewer }: OpenAccount,
  newEmail: string,
  origin: ChangeOrigin,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<EmailChangeRequest> {
  const { userId, email, personalOrganizationId: organizationId } = account
  const wait = await limits.recovery(newEmail, origin.address)
  if (wait !== undefined) return { kind: 'limited', retryAfterSeconds: wait }
  const change = {
    issuer: context.config.ISSUER,
    now: context.now(),
    current: email,
    next: newEmail,
    translation: context.mailsIn(mailLanguage(account.language, origin.language)),
  }
  const { current, next } = emailChangeMails(change)
  const taken = await findAccountByEmail(database, newEmail)
  // Another person's, who has the address.
  const textsFor = ({ emailVerified, language }: Account) =>
    context.mailsIn(mailLanguage(emailVerified ? language : null, origin.language))
  const entry = auditEntry('user.request_email_change', {
    ...actorOf(account, origin),
    organizationId,
    targetId: userId,
    statusCode: 200,
    metadata: { email: newEmail },
  })
  const session = { userId, sessionUid: viewer.sessionUid }
  const step = { ...session, signedInWithinSeconds: FRESH_SECONDS, withSecondFactor: true }
  try {
    const { needsApproval } = await inAudit(database, stepAuthority('account page', step), entry, (tx) =>
      createEmailChange(tx, userId, {
        email,
        newEmail,
        currentDigest: current.tokenDigest,
        newDigest: next.tokenDigest,
        expiresAt: next.expiresAt,
      }),
    )
    const mails: readonly Mail[] = [
      taken ? emailTakenMail({ ...change, translation: textsFor(taken) }) : next.mail,
      ...(needsApproval ? [current.mail] : []),
    ]
    runAfterResponse(async () => {
      for (const mail of mails) {
        await context.mailer?.send(mail).catch((error: unknown) => logger.warn({ err: error, userId }, 'mail failed'))
      }
    })
    return { kind: 'requested' }
  } catch (error) {
    if (error instanceof MailLimitReached) return { kind: 'limited', retryAfterSeconds: undefined }
    throw error
  }
}

/** Cancels the pending change of the address on the account page. */
export async function cancelOwnEmailChange(
  { database }: InteractionContext,
  { account, viewer }: OpenAccount,
  origin: ChangeOrigin,
): Promise<void> {
  const { userId, personalOrganizationId: organizationId } = account
  await inAudit<string | undefined>(
    database,
    stepAuthority('account page', { userId, sessionUid: viewer.sessionUid }),
    (email) =>
      email === undefined
        ? []
        : auditEntry('user.cancel_email_change', {
            ...actorOf(account, origin),
            organizationId,
            targetId: userId,
            statusCode: 200,
            metadata: { email, by: 'account page' },
          }),
    async (tx) => {
      const pending = await findPendingEmailChange(tx, userId)
      if (pending) await endEmailChange(tx, userId)
      return pending?.newEmail
    },
  )
}
