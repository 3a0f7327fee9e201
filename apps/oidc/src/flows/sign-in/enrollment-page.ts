import type { UserId } from '@daytona-auth/db/core'
import { findAccountById } from '@daytona-auth/db/users'
import { Denial } from '@daytona-auth/service'
import type { FastifyReply } from 'fastify'
import type { Message } from '../../pages/language.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import type { OpenInteraction } from '../interaction/open.ts'
import { GONE } from '../interaction/page-errors.ts'
import { createTotpSetUps, type StartedSetUp, showTotpSetUp, type TotpSetUps } from '../second-factor/totp-set-up.ts'

/** What the secret and the challenge of the page are for: this account in this interaction. */
export const enrollmentPurpose = ({ uid }: Pick<OpenInteraction, 'uid'>, userId: UserId): string =>
  `enrollment ${uid} ${userId}`

/**
 * Sends the page that sets up the first second factor of an account during a sign-in. `ticket` states that the password was
 * right, for the account of `userId`.
 */
export async function sendEnrollment(
  { context, database, form, relyingParty, send }: InteractionContext,
  reply: FastifyReply,
  interaction: OpenInteraction,
  {
    userId,
    ticket,
    setUp,
    problem,
  }: {
    readonly userId: UserId
    readonly ticket: string
    readonly setUp: StartedSetUp
    readonly problem?: Message | undefined
  },
): Promise<FastifyReply> {
  const account = await findAccountById(database, userId)
  if (!account) throw new Denial(400, GONE, { cause: 'account was deleted' })
  const { email, name } = account
  const purpose = enrollmentPurpose(interaction, userId)
  return send(reply, 'enrollment', {
    ...form(interaction, interaction.paths.enrollment),
    ...showTotpSetUp(setUp, email, context.config),
    ticket,
    problem,
    client: interaction.client,
    cancel: interaction.paths.cancel,
    isForApp: interaction.needsMoreThanPassword,
    isRequired: interaction.requiresMoreThanPassword,
    passkeyOptions: await relyingParty.registrationOptions(purpose, { userId, email, name, passkeys: [] }),
  })
}

/** Creates the secrets of this page. */
export const enrollmentSetUps = ({ context, now }: InteractionContext): TotpSetUps =>
  createTotpSetUps(context.config.SIGNING_KEYS_SECRET, now)

/** Sends the page with a new secret. */
export async function startEnrollment(
  interactionContext: InteractionContext,
  reply: FastifyReply,
  interaction: OpenInteraction,
  step: { readonly userId: UserId; readonly ticket: string; readonly problem?: Message | undefined },
): Promise<FastifyReply> {
  const setUp = await enrollmentSetUps(interactionContext).start(enrollmentPurpose(interaction, step.userId))
  return sendEnrollment(interactionContext, reply, interaction, { ...step, setUp })
}
