import { mailLanguage } from '@daytona-auth/accounts/language/language'
import { type FactorEvent, secondFactorMail } from '@daytona-auth/accounts/mail/second-factor-mail'
import type { Account } from '@daytona-auth/db/users'
import type { FastifyBaseLogger } from 'fastify'
import type { ChangeOrigin } from '../interaction/change-origin.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'

/**
 * Mails a change or a use of second factors to the address of the account, after the response. `remaining`: the number of
 * recovery codes that are left.
 */
export function mailFactorEvent(
  { context, runAfterResponse }: Pick<InteractionContext, 'context' | 'runAfterResponse'>,
  { userId, email, language: kept }: Pick<Account, 'userId' | 'email' | 'language'>,
  event: FactorEvent,
  { language }: Pick<ChangeOrigin, 'language'>,
  logger: Pick<FastifyBaseLogger, 'warn'>,
  remaining?: number,
): void {
  const mail = secondFactorMail(event, {
    to: email,
    issuer: context.config.ISSUER,
    now: context.now(),
    translation: context.mailsIn(mailLanguage(kept, language)),
    ...(remaining !== undefined && { remaining }),
  })
  runAfterResponse(async () => {
    await context.mailer?.send(mail).catch((error: unknown) => logger.warn({ err: error, userId }, 'mail failed'))
  })
}
