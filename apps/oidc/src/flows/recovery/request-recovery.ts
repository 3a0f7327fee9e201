import type { Language } from '@daytona-auth/accounts/language/language'
import { recoveryMail } from '@daytona-auth/accounts/mail/recovery-mail'
import { auditEntry } from '@daytona-auth/db/audit'
import { normalizeEmail } from '@daytona-auth/db/core'
import { type Account, createMailedToken, findAccountByEmail } from '@daytona-auth/db/users'
import type { FastifyBaseLogger } from 'fastify'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { sendToken } from '../mailed-link/send-token.ts'
import { isStorable } from '../sign-in/sign-in.ts'

export interface RecoveryRequest {
  readonly email: string
  readonly address: string
  readonly userAgent: string | null
  readonly language: Language
}

/**
 * Mails a link to choose a new password, if the address has an account. Neither the answer nor its time reveals that: one
 * query is made in either case, and the token is stored and mailed after the response. Returns the seconds to wait after
 * too many requests. The request counts before the work.
 */
export async function requestRecovery(
  { context, database, limits, runAfterResponse }: InteractionContext,
  { email: given, ...from }: RecoveryRequest,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<number | undefined> {
  const email = normalizeEmail(given)
  const wait = await limits.recovery(email, from.address)
  if (wait !== undefined) return wait
  const account = isStorable(email) ? await findAccountByEmail(database, email) : undefined
  if (account && !account.disabledAt) runAfterResponse(() => mailRecovery(context, account, from, logger))
  return undefined
}

function mailRecovery(
  context: InteractionContext['context'],
  { userId, email, personalOrganizationId }: Account,
  { address, userAgent, language }: Omit<RecoveryRequest, 'email'>,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<void> {
  const minted = recoveryMail({
    to: email,
    issuer: context.config.ISSUER,
    now: context.now(),
    translation: context.mailsIn(language),
  })
  const { mail: _mail, ...token } = minted
  const entry = auditEntry('user.request_recovery', {
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
    createMailedToken(tx, userId, 'recovery', { email, ...token })
  return sendToken(context, { ...minted, userId, entry, store }, logger)
}
