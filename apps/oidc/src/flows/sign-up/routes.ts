import type { AccountProblems } from '@daytona-auth/accounts/new-account'
import { FIRST_SIGN_IN_VERSION } from '@daytona-auth/db/users'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import type { Message } from '../../pages/language.ts'
import { noteCaller } from '../../provider/caller.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { type OpenInteraction, openInteraction } from '../interaction/open.ts'
import { finishSignIn, sendRequiredProvider } from '../sign-in/finish-sign-in.ts'
import { signUp } from './sign-up.ts'
import { mailVerification } from './verification.ts'

/** Registers the sign-up page. The new user is signed in and continues to the app. */
export function signUpRoutes(app: FastifyInstance, interactionContext: InteractionContext): void {
  const { context } = interactionContext

  app.get('/oauth/interaction/:uid/sign-up', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    return sendSignUp(interactionContext, reply, interaction)
  })

  app.post('/oauth/interaction/:uid/sign-up', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    const form = interactionContext.readForm(request, interaction)
    const sent = { email: form.field('email'), name: form.field('name') }
    const attempt = signUp(interactionContext, {
      ...sent,
      password: form.field('password'),
      ...interactionContext.origin(request),
    })
    const outcome = await context.metrics.countAttempt('sign-up', attempt)
    switch (outcome.kind) {
      case 'signed-up': {
        const { account } = outcome
        noteCaller(request.raw, { userId: account.userId })
        interactionContext.runAfterResponse(() =>
          mailVerification(context, account, interactionContext.origin(request), request.log),
        )
        return finishSignIn(interactionContext, request, reply, interaction, {
          userId: account.userId,
          signInVersion: FIRST_SIGN_IN_VERSION,
          signedInAt: context.now(),
          methods: ['pwd'],
        })
      }
      case 'too-many':
        reply.code(429).header('retry-after', String(outcome.retryAfterSeconds))
        return sendSignUp(interactionContext, reply, interaction, {
          ...sent,
          problem: tooManyAttempts(outcome.retryAfterSeconds),
        })
      case 'required':
        return sendRequiredProvider(interactionContext, reply, interaction, sent.email, outcome.provider)
      case 'wrong':
        reply.code(400)
        return sendSignUp(interactionContext, reply, interaction, {
          ...sent,
          problem: 'There is a problem',
          wrong: outcome.problems,
        })
    }
  })
}

/** Sends the sign-up page: with the address that the app suggests, or with what was entered and the problem. */
export function sendSignUp(
  interactionContext: InteractionContext,
  reply: FastifyReply,
  interaction: OpenInteraction,
  {
    email,
    name,
    problem,
    wrong = {},
  }: {
    readonly email: string
    readonly name: string
    readonly problem?: Message
    readonly wrong?: AccountProblems
  } = { email: interaction.loginHint, name: '' },
): FastifyReply {
  const { paths, client } = interaction
  return interactionContext.send(reply, 'sign-up', {
    ...interactionContext.form(interaction, paths.signUp),
    client,
    email,
    name,
    problem,
    wrong,
    cancel: paths.cancel,
    signIn: paths.signIn,
  })
}
