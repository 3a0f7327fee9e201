import { findAccountById } from '@daytona-auth/db/users'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import { noteCaller } from '../../provider/caller.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { createPasswordLogin, finishInteraction, type OpenInteraction, openInteraction } from '../interaction/open.ts'
import { signIn } from './sign-in.ts'

/** Registers the sign-in form, and the sign-in page for a user who switches accounts. */
export function signInRoutes(app: FastifyInstance, interactionContext: InteractionContext): void {
  const { context } = interactionContext

  app.get('/oauth/interaction/:uid/sign-in', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    return sendSignIn(interactionContext, reply, interaction)
  })

  app.post('/oauth/interaction/:uid/sign-in', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    const form = interactionContext.readForm(request, interaction)
    const email = form.field('email')
    const attempt = signIn(interactionContext, {
      email,
      password: form.field('password'),
      clientId: interaction.clientId,
      ...interactionContext.origin(request),
    })
    const outcome = await context.metrics.countAttempt('sign-in', attempt)
    switch (outcome.kind) {
      case 'signed-in':
        noteCaller(request.raw, { userId: outcome.userId })
        return finishInteraction(context, request, reply, createPasswordLogin(outcome.userId, context.now()))
      case 'too-many':
        reply.code(429).header('retry-after', String(outcome.retryAfterSeconds))
        return sendSignIn(interactionContext, reply, interaction, {
          email,
          problem: tooManyAttempts(outcome.retryAfterSeconds),
        })
      case 'wrong':
        reply.code(400)
        return sendSignIn(interactionContext, reply, interaction, { email, problem: WRONG })
    }
  })
}

/** Sends the sign-in page: empty, or with the entered address and the problem. */
export async function sendSignIn(
  interactionContext: InteractionContext,
  reply: FastifyReply,
  interaction: OpenInteraction,
  sent?: { readonly email: string; readonly problem: string },
): Promise<FastifyReply> {
  const { paths, prompt, viewer } = interaction
  const known =
    prompt === 'login' && viewer ? await findAccountById(interactionContext.context.database, viewer.userId) : undefined
  return interactionContext.send(reply, 'sign-in', {
    ...interactionContext.form(interaction, paths.signIn),
    client: interaction.client,
    email: sent?.email ?? known?.email ?? interaction.loginHint,
    problem: sent?.problem,
    again: known !== undefined,
    cancel: paths.cancel,
    signUp: paths.signUp,
    back: prompt === 'consent' ? paths.start : undefined,
  })
}

const WRONG = 'That email address and password do not match an account.'
