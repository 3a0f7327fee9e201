import { mailLanguage } from '@daytona-auth/accounts/language/language'
import type { MailTranslation } from '@daytona-auth/accounts/mail/mail-translations'
import type { TokenMail } from '@daytona-auth/accounts/mail/verification-mail'
import { auditEntry } from '@daytona-auth/db/audit'
import { normalizeEmail, type UserId } from '@daytona-auth/db/core'
import { type Account, createMailedToken, findAccountByEmail } from '@daytona-auth/db/users'
import type { FastifyBaseLogger } from 'fastify'
import type { ChangeOrigin } from '../interaction/change-origin.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { isStorable } from '../sign-in/sign-in.ts'
import { sendToken } from './send-token.ts'

/** A mailed link that anyone may request for an address. */
export interface RequestedLink {
  readonly purpose: 'recovery' | 'factor-reset'
  readonly action: 'user.request_recovery' | 'user.request_factor_reset'
  readonly mailOf: (recipient: {
    readonly to: string
    readonly issuer: string
    /** Milliseconds since the epoch. */
    readonly now: number
    readonly translation: MailTranslation
  }) => TokenMail
  /** Whether an account has a use for the link. Asked after the response. */
  readonly isUseful?: (userId: UserId) => Promise<boolean>
}

export interface LinkRequest extends ChangeOrigin {
  readonly email: string
}

/**
 * Mails a link if the address has an account that has a use for it. Neither the answer nor its time reveals that: one query is
 * made in either case, and everything else follows the response. Returns the seconds to wait after too many requests. The
 * request counts before the work.
 */
export async function requestLink(
  { context, database, limits, runAfterResponse }: InteractionContext,
  link: RequestedLink,
  { email: given, ...origin }: LinkRequest,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<number | undefined> {
  const email = normalizeEmail(given)
  const wait = await limits.recovery(email, origin.address)
  if (wait !== undefined) return wait
  const account = isStorable(email) ? await findAccountByEmail(database, email) : undefined
  if (account && !account.disabledAt) {
    runAfterResponse(async () => {
      if (link.isUseful && !(await link.isUseful(account.userId))) return
      await mailLink(context, link, account, origin, logger)
    })
  }
  return undefined
}

function mailLink(
  context: InteractionContext['context'],
  { purpose, action, mailOf }: RequestedLink,
  { userId, email, emailVerified, personalOrganizationId, language: kept }: Account,
  { address, userAgent, language }: ChangeOrigin,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<void> {
  const minted = mailOf({
    to: email,
    issuer: context.config.ISSUER,
    now: context.now(),
    // Anyone may request it. The language of an account with another one's address is not that of who reads the mail.
    translation: context.mailsIn(mailLanguage(emailVerified ? kept : null, language)),
  })
  const { mail: _mail, ...token } = minted
  const entry = auditEntry(action, {
    organizationId: personalOrganizationId,
    // Anyone may request it.
    actorId: null,
    actorEmail: email,
    targetId: userId,
    statusCode: 200,
    metadata: { email },
    ipAddress: address,
    userAgent,
    source: 'provider',
  })
  const store = (tx: Parameters<typeof createMailedToken>[0]) =>
    createMailedToken(tx, userId, purpose, { email, ...token })
  return sendToken(context, { ...minted, userId, entry, store }, logger)
}
