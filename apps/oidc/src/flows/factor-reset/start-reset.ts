import { factorResetMail } from '@daytona-auth/accounts/mail/factor-reset-mail'
import { digestOf } from '@daytona-auth/auth'
import { auditEntry, inAudit } from '@daytona-auth/db/audit'
import { normalizeEmail, type UserId } from '@daytona-auth/db/core'
import {
  type Account,
  canUseSecondFactor,
  createMailedToken,
  findAccountByEmail,
  findAccountById,
  findFactorReset,
  insertFactorReset,
  lockAccount,
  redeemMailedToken,
} from '@daytona-auth/db/users'
import type { FastifyBaseLogger } from 'fastify'
import { actorOf, type ChangeOrigin } from '../interaction/change-origin.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { stepAuthority } from '../interaction/step-authority.ts'
import { sendToken } from '../mailed-link/send-token.ts'
import { isStorable } from '../sign-in/sign-in.ts'

/**
 * Mails a link that starts the removal of lost second factors, if the address has an account with some. Neither the answer
 * nor its time reveals that: one query is made in either case, everything else after the response. Returns the seconds to
 * wait after too many requests. The request counts before the work.
 */
export async function requestFactorReset(
  { context, database, limits, runAfterResponse }: InteractionContext,
  { email: given, ...origin }: ChangeOrigin & { readonly email: string },
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<number | undefined> {
  const email = normalizeEmail(given)
  const wait = await limits.recovery(email, origin.address)
  if (wait !== undefined) return wait
  const account = isStorable(email) ? await findAccountByEmail(database, email) : undefined
  if (account && !account.disabledAt) {
    runAfterResponse(async () => {
      if (await canUseSecondFactor(database, account.userId)) await mailLink(context, account, origin, logger)
    })
  }
  return undefined
}

function mailLink(
  context: InteractionContext['context'],
  { userId, email, personalOrganizationId: organizationId }: Account,
  { address, userAgent, language }: ChangeOrigin,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<void> {
  const minted = factorResetMail({
    to: email,
    issuer: context.config.ISSUER,
    now: context.now(),
    translation: context.mailsIn(language),
  })
  const { mail: _mail, ...token } = minted
  const entry = auditEntry('user.request_factor_reset', {
    organizationId,
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
    createMailedToken(tx, userId, 'factor-reset', { email, ...token })
  return sendToken(context, { ...minted, userId, entry, store }, logger)
}

/**
 * Starts the waiting time by a mailed link. Returns when it ends; of one that was started before, its own end. Undefined if
 * the link is not redeemable any more, the address was never verified, or the account has no second factor.
 */
export async function startFactorReset(
  { context, database }: InteractionContext,
  { token, userId, ...origin }: ChangeOrigin & { readonly token: string; readonly userId: UserId },
): Promise<Date | undefined> {
  const account = await findAccountById(database, userId)
  if (!account) return undefined
  const startedAt = new Date(context.now())
  const endsAt = new Date(startedAt.getTime() + context.config.FACTOR_RESET_WAIT)
  const started = await inAudit<{ readonly isNew: boolean; readonly endsAt: Date } | undefined>(
    database,
    stepAuthority('factor reset link', { userId }),
    (done) =>
      done?.isNew
        ? auditEntry('user.start_factor_reset', {
            ...actorOf(account, origin),
            organizationId: account.personalOrganizationId,
            targetId: userId,
            statusCode: 200,
            metadata: { endsAt: endsAt.toISOString() },
          })
        : [],
    async (tx) => {
      const locked = await lockAccount(tx, userId)
      if (!locked?.emailVerified || !(await redeemMailedToken(tx, 'factor-reset', digestOf(token), userId)))
        return undefined
      if (!(await canUseSecondFactor(tx, userId))) return undefined
      const { email } = locked
      const isNew = await insertFactorReset(tx, { userId, email, stage: 'requested', startedAt, endsAt })
      return { isNew, endsAt: isNew ? endsAt : ((await findFactorReset(tx, userId))?.endsAt ?? endsAt) }
    },
  )
  return started?.endsAt
}
