import { readTotpCode, totpStepOf } from '@daytona-auth/accounts/totp'
import { findAccountById, readSessionSignIn } from '@daytona-auth/db/users'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import type { FastifyInstance } from 'fastify'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import type { Message } from '../../pages/language.ts'
import { noteCaller } from '../../provider/caller.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { type OpenInteraction, openInteraction, storeResult } from '../interaction/open.ts'
import { FRESH_SECONDS } from '../interaction/step-authority.ts'
import { enrollSecondFactor, type FirstFactor, mayEnroll, maySkipEnrollment } from './enrollment.ts'
import { enrollmentPurpose, enrollmentSetUps, sendEnrollment, startEnrollment } from './enrollment-page.ts'
import { completeSignIn, finishSignIn, sendRequiredProvider } from './finish-sign-in.ts'
import { sendSignIn } from './sign-in-page.ts'

/**
 * Registers the pages that set up the first second factor of an account during a sign-in: where an app asks for one, after
 * the password, and where an organization needs one, from the consent page. An authenticator app needs no JavaScript.
 */
export function enrollmentRoutes(app: FastifyInstance, interactionContext: InteractionContext): void {
  const { context, database, now, origin, relyingParty, tickets } = interactionContext
  const setUps = enrollmentSetUps(interactionContext)

  app.get('/oauth/interaction/:uid/enrollment', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    const recent = await recentPassword(interaction)
    // The password of this browser's session is too old, or it has none: the sign-in page leads here again.
    if (!recent) return sendSignIn(interactionContext, reply, interaction, { enrolls: true })
    return startEnrollment(interactionContext, reply, interaction, recent)
  })

  app.post('/oauth/interaction/:uid/enrollment', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    const form = interactionContext.readForm(request, interaction)
    const given = form.field('ticket')
    const ticket = tickets.open(interaction.uid, given)
    const expired = () => sendSignIn(interactionContext, reply.code(400), interaction, { email: '', problem: EXPIRED })
    if (!ticket || ticket.identity) return expired()
    const { userId, signInVersion, signedInAt } = ticket
    if (form.field('decision') === LATER) {
      if (!(await maySkipEnrollment(interactionContext, ticket))) return expired()
      noteCaller(request.raw, { userId })
      const signIn = { userId, signInVersion, signedInAt, methods: ['pwd'] } as const
      return finishSignIn(interactionContext, request, reply, interaction, signIn)
    }

    const purpose = enrollmentPurpose(interaction, userId)
    const encrypted = form.field('set_up')
    const secret = await setUps.open(purpose, encrypted)
    const again = (problem: Message) => {
      const step = { userId, ticket: given, problem }
      return secret === undefined
        ? startEnrollment(interactionContext, reply, interaction, step)
        : sendEnrollment(interactionContext, reply, interaction, { ...step, setUp: { secret, encrypted } })
    }
    const read = async (): Promise<FirstFactor | undefined> => {
      if (form.field('method') === 'passkey') {
        const passkey = await relyingParty.verifyRegistration(purpose, form.field('response'))
        return passkey && { kind: 'passkey', passkey }
      }
      const code = readTotpCode(form.field('code'))
      const step = secret === undefined || code === undefined ? undefined : totpStepOf(secret, code, now())
      return secret === undefined || step === undefined ? undefined : { kind: 'totp', secret, step }
    }
    const { viewer } = interaction
    const outcome = await enrollSecondFactor(interactionContext, { ticket, viewer }, read, origin(request), request.log)
    switch (outcome.kind) {
      case 'enrolled': {
        noteCaller(request.raw, { userId })
        const { methods, signInVersion } = outcome
        const signIn = { userId, signInVersion, signedInAt: now(), methods: ['pwd', ...methods] } as const
        const completion = await completeSignIn(interactionContext, request, reply, interaction, signIn)
        if (!completion.result) {
          return sendRequiredProvider(interactionContext, reply, interaction, completion.email, completion.missing)
        }
        // The codes are on a page of ours: its link continues, as the redirect of other steps does.
        const next = await storeResult(context, request, reply, completion.result)
        return interactionContext.send(reply, 'enrollment-codes', {
          codes: outcome.codes,
          client: interaction.client,
          next,
        })
      }
      case 'ended':
        return expired()
      case 'too-many':
        reply.code(429).header('retry-after', String(outcome.retryAfterSeconds))
        return again(tooManyAttempts(outcome.retryAfterSeconds))
      case 'wrong':
        reply.code(400)
        return again(form.field('method') === 'passkey' ? WRONG_PASSKEY : WRONG_CODE)
    }
  })

  /** Returns a ticket of the browser's session, if its user has just entered the password and may set up a second factor. */
  async function recentPassword({ uid, viewer }: OpenInteraction) {
    if (!viewer) return undefined
    const { userId, sessionUid } = viewer
    const account = await findAccountById(database, userId)
    const signIn = await readSessionSignIn(database, userId, sessionUid)
    if (!account?.passwordHash || !mayEnroll(account) || signIn?.acr !== ACR.password) return undefined
    if (now() - signIn.signedInAt > FRESH_SECONDS * 1000) return undefined
    const { passwordHash, signInVersion } = account
    return { userId, ticket: tickets.issue(uid, { userId, signInVersion, passwordHash }, signIn.signedInAt) }
  }
}

/** The sign-in continues without a second factor. */
const LATER = 'later'

const EXPIRED = 'Too much time has passed, or the account has changed. Sign in again.'
const WRONG_CODE = 'That code is wrong. Enter the code that your app shows now, and check the clock of your device.'
const WRONG_PASSKEY = 'No passkey was created. Try again.'
