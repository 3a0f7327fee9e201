import { findAccountById } from '@daytona-auth/db/users'
import { boundedText } from '@daytona-auth/service'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import type { Message } from '../../pages/language.ts'
import { noteCaller } from '../../provider/caller.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { createLogin, finishInteraction, type OpenInteraction, openInteraction } from '../interaction/open.ts'
import { readTrustedCookie } from '../interaction/trusted-cookie.ts'
import { completePendingLink } from '../upstream-link/complete-link.ts'
import { needsAuthTime } from '../upstream-link/freshness.ts'
import { dropPendingLink, readPendingLink } from '../upstream-link/pending-link.ts'
import { startEnrollment } from './enrollment-page.ts'
import { sendSecondFactor } from './second-factor-page.ts'
import { signIn } from './sign-in.ts'

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
          const { userId } = outcome
          const ticket = interactionContext.tickets.issue(interaction.uid, { userId, ...outcome.enrollment })
          return startEnrollment(interactionContext, reply, interaction, { userId, ticket })
        }
        await completePendingLink(interactionContext, request, reply, interaction, outcome.userId)
        return finishInteraction(
          context,
          request,
          reply,
          createLogin(outcome.userId, context.now(), ['pwd'], outcome.acr),
        )
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
      case 'wrong':
        reply.code(400)
        return sendSignIn(interactionContext, reply, interaction, { email, enrolls, problem: WRONG })
    }
  })
}

/** `connect=no`: the user does not want the identity of another provider to be linked. */
export const SignInQuery = z.object({ connect: boundedText({ max: 8 }).catch('') })

/** The sign-in leads to the set-up of a second factor. */
const ENROLL = 'enroll'

/** Sends the sign-in page: empty, or with the entered address and the problem. `enrolls`: it leads to the set-up of a second factor. */
export async function sendSignIn(
  interactionContext: InteractionContext,
  reply: FastifyReply,
  interaction: OpenInteraction,
  sent?: { readonly email?: string; readonly problem?: Message; readonly enrolls?: boolean },
): Promise<FastifyReply> {
  const { paths, prompt, viewer } = interaction
  const known =
    (prompt === 'login' || sent?.enrolls) && viewer
      ? await findAccountById(interactionContext.context.database, viewer.userId)
      : undefined
  const link = readPendingLink(interactionContext, reply.request, interaction.uid)
  const { relyingParty } = interactionContext
  const { upstreams } = interactionContext.context
  return interactionContext.send(reply, 'sign-in', {
    ...interactionContext.form(interaction, paths.signIn),
    client: interaction.client,
    email: sent?.email ?? known?.email ?? link?.email ?? interaction.loginHint,
    problem: sent?.problem,
    decision: sent?.enrolls ? ENROLL : undefined,
    again: known !== undefined,
    cancel: paths.cancel,
    signUp: paths.signUp,
    recovery: RECOVERY,
    passkey: paths.passkey,
    passkeyOptions: await relyingParty.authenticationOptions(passkeySignInPurpose(interaction)),
    organization: link ? undefined : paths.organization,
    back: prompt === 'consent' ? paths.start : undefined,
    upstreams: [...upstreams.values()]
      .filter(({ name, statesAuthTime }) => name !== link?.upstream && (statesAuthTime || !needsAuthTime(interaction)))
      .map(({ name, label }) => ({ label, action: `${paths.upstream}/${name}` })),
    connecting: link && {
      label: upstreams.get(link.upstream)?.label ?? link.label ?? link.upstream,
      email: link.email,
      decline: `${paths.signIn}?connect=no`,
    },
  })
}

/** What a challenge of the passkey that begins a sign-in is for. */
export const passkeySignInPurpose = ({ uid }: Pick<OpenInteraction, 'uid'>): string => `sign-in ${uid}`

/** The page that requests a mail to choose a new password. */
export const RECOVERY = '/oauth/recovery'

const WRONG = 'That email address and password do not match an account.'
