import { createSecretToken } from '@daytona-auth/accounts/secret-token'
import type { FastifyInstance } from 'fastify'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import type { Message } from '../../pages/language.ts'
import { noteCaller } from '../../provider/caller.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { openInteraction } from '../interaction/open.ts'
import { setTrustedCookie } from '../interaction/trusted-cookie.ts'
import { mailFactorEvent } from '../second-factor/mail-factor-event.ts'
import { finishSignIn } from './finish-sign-in.ts'
import { type SecondFactorOutcome, verifySecondFactor } from './second-factor.ts'
import { secondFactorPurpose, sendSecondFactor } from './second-factor-page.ts'
import { sendSignIn } from './sign-in-page.ts'

/** Registers the form of the second factor, which follows the password. It has no page of its own to open. */
export function secondFactorRoutes(app: FastifyInstance, interactionContext: InteractionContext): void {
  const { context, tickets, origin } = interactionContext

  app.post('/oauth/interaction/:uid/second-factor', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    const form = interactionContext.readForm(request, interaction)
    const given = form.field('ticket')
    const ticket = tickets.open(interaction.uid, given)
    if (!ticket) return sendSignIn(interactionContext, reply.code(400), interaction, { email: '', problem: EXPIRED })
    const { userId } = ticket
    const isRecovery = form.field('method') === 'recovery-code'
    const trusts = form.field('trust') === 'yes'
    const again = (problem?: Message) =>
      sendSecondFactor(interactionContext, reply, interaction, { ticket: given, userId, isRecovery, trusts, problem })
    const code = form.field('code')
    const passkey =
      form.field('method') === 'passkey'
        ? { response: form.field('response'), purpose: secondFactorPurpose(interaction, userId) }
        : undefined
    // Without a code, the page for the other kind of code: a button, because the ticket must not be in a URL.
    if (code === '' && !passkey) return again()

    const trusted = trusts ? createSecretToken() : undefined
    const attempt: Promise<SecondFactorOutcome> = verifySecondFactor(interactionContext, {
      ticket,
      code,
      passkey,
      trustedDigest: trusted?.digest,
      clientId: interaction.clientId,
      ...origin(request),
    })
    const outcome = await context.metrics.countAttempt('sign-in', attempt)
    switch (outcome.kind) {
      case 'signed-in': {
        const { account, methods, remaining } = outcome
        noteCaller(request.raw, { userId: account.userId })
        interactionContext.knownBrowsers.remember(request, reply, account.email)
        if (remaining !== undefined) {
          mailFactorEvent(interactionContext, account, 'recovery-code-used', origin(request), request.log, remaining)
        }
        if (trusted) {
          setTrustedCookie(reply, context.config.ISSUER, trusted.token)
          mailFactorEvent(interactionContext, account, 'browser-trusted', origin(request), request.log)
        }
        const { identity } = ticket
        return finishSignIn(interactionContext, request, reply, interaction, {
          userId: account.userId,
          signInVersion: ticket.signInVersion,
          signedInAt: identity ? identity.signedInAt * 1000 : context.now(),
          methods: identity ? methods : ['pwd', ...methods],
          identity,
        })
      }
      case 'ended':
        return sendSignIn(interactionContext, reply.code(400), interaction, { email: '', problem: EXPIRED })
      case 'too-many':
        reply.code(429).header('retry-after', String(outcome.retryAfterSeconds))
        return again(tooManyAttempts(outcome.retryAfterSeconds))
      case 'wrong':
        reply.code(400)
        if (passkey) return again(WRONG_PASSKEY)
        return again(isRecovery ? WRONG_RECOVERY_CODE : WRONG_CODE)
    }
  })
}

const EXPIRED = 'Too much time has passed, or the account has changed. Sign in again.'
const WRONG_CODE = 'That code is wrong, or was used already. Wait for the next code of your app.'
const WRONG_PASSKEY = 'This passkey was not accepted. Try again, or enter a code.'
const WRONG_RECOVERY_CODE = 'That recovery code is wrong, or was used already.'
