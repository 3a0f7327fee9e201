import { boundedText } from '@daytona-auth/service'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import { noteCaller } from '../../provider/caller.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { openInteraction } from '../interaction/open.ts'
import { readTrustedCookie } from '../interaction/trusted-cookie.ts'
import { dropPendingLink } from '../upstream-link/pending-link.ts'
import { startEnrollment } from './enrollment-page.ts'
import { finishSignIn, pendingIdentity, sendRequiredProvider } from './finish-sign-in.ts'
import { sendSecondFactor } from './second-factor-page.ts'
import { signIn } from './sign-in.ts'
import { ENROLL, sendSignIn } from './sign-in-page.ts'

/** Registers the sign-in form, and the sign-in page for a user who switches accounts. */
export function signInRoutes(app: FastifyInstance, interactionContext: InteractionContext): void {
  const { context } = interactionContext

  app.get('/oauth/interaction/:uid/sign-in', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    if (SignInQuery.parse(request.query).connect === 'no') {
      dropPendingLink(interactionContext, reply, interaction)
      return reply.header('cache-control', 'no-store').redirect(interaction.paths.signIn, 303)
    }
    return sendSignIn(interactionContext, reply, interaction)
  })

  app.post('/oauth/interaction/:uid/sign-in', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    const form = interactionContext.readForm(request, interaction)
    const email = form.field('email')
    const enrolls = form.field('decision') === ENROLL
    const attempt = signIn(interactionContext, {
      email,
      password: form.field('password'),
      clientId: interaction.clientId,
      identity: pendingIdentity(interactionContext, request, interaction, email),
      knownBrowser: interactionContext.knownBrowsers.idOf(request, reply, email),
      trustedBrowser: interaction.needsSecondFactor
        ? undefined
        : readTrustedCookie(context.provider(), request, reply, context.config.ISSUER),
      ...interactionContext.origin(request),
    })
    const outcome = await context.metrics.countAttempt('sign-in', attempt)
    switch (outcome.kind) {
      case 'signed-in':
        noteCaller(request.raw, { userId: outcome.userId })
        interactionContext.knownBrowsers.remember(request, reply, email)
        if (outcome.enrollment && (enrolls || interaction.needsMoreThanPassword)) {
          const { userId, signInVersion } = outcome
          const step = { userId, signInVersion, ...outcome.enrollment }
          const ticket = interactionContext.tickets.issue(interaction.uid, step)
          return startEnrollment(interactionContext, reply, interaction, { userId, ticket })
        }
        return finishSignIn(interactionContext, request, reply, interaction, {
          userId: outcome.userId,
          signInVersion: outcome.signInVersion,
          signedInAt: context.now(),
          methods: ['pwd'],
          acr: outcome.acr,
        })
      case 'second-factor': {
        const ticket = interactionContext.tickets.issue(interaction.uid, outcome)
        const { userId } = outcome
        return sendSecondFactor(interactionContext, reply, interaction, { ticket, userId })
      }
      case 'too-many':
        reply.code(429).header('retry-after', String(outcome.retryAfterSeconds))
        return sendSignIn(interactionContext, reply, interaction, {
          email,
          enrolls,
          problem: tooManyAttempts(outcome.retryAfterSeconds),
        })
      case 'required':
        return sendRequiredProvider(interactionContext, reply, interaction, email, outcome.provider)
      case 'wrong':
        reply.code(400)
        return sendSignIn(interactionContext, reply, interaction, { email, enrolls, problem: WRONG })
    }
  })
}

/** `connect=no`: the user does not want the identity of another provider to be linked. */
export const SignInQuery = z.object({ connect: boundedText({ max: 8 }).catch('') })

const WRONG = 'That email address and password do not match an account.'
