import type { UserId } from '@daytona-auth/db/core'
import { findSecondFactors, listPasskeys } from '@daytona-auth/db/users'
import type { FastifyReply } from 'fastify'
import type { Message } from '../../pages/language.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import type { OpenInteraction } from '../interaction/open.ts'

/** The page for a person who has lost every second factor. */
export const FACTOR_RESET = '/oauth/recovery/factors'

/** What a challenge of the passkey after a password is for: this account in this interaction. */
export const secondFactorPurpose = ({ uid }: Pick<OpenInteraction, 'uid'>, userId: UserId): string =>
  `second factor ${uid} ${userId}`

/** Sends the page of the second factor. `ticket` states that the first step was right, for the account of `userId`. */
export async function sendSecondFactor(
  interactionContext: InteractionContext,
  reply: FastifyReply,
  interaction: OpenInteraction,
  {
    userId,
    isRecovery = false,
    ...page
  }: {
    readonly ticket: string
    readonly userId: UserId
    /** Whether a recovery code is entered. */
    readonly isRecovery?: boolean
    /** Whether the browser shall be trusted. */
    readonly trusts?: boolean
    readonly problem?: Message | undefined
  },
): Promise<FastifyReply> {
  const { database, relyingParty } = interactionContext
  const passkeys = await listPasskeys(database, userId)
  const { totp } = await findSecondFactors(database, userId)
  const purpose = secondFactorPurpose(interaction, userId)
  return interactionContext.send(reply, 'second-factor', {
    ...interactionContext.form(interaction, interaction.paths.secondFactor),
    ...page,
    method: isRecovery ? 'recovery-code' : totp || passkeys.length === 0 ? 'totp' : 'passkey',
    hasApp: totp !== null,
    trusts: page.trusts ?? false,
    problem: page.problem,
    client: interaction.client,
    cancel: interaction.paths.cancel,
    lost: FACTOR_RESET,
    passkeyOptions: passkeys.length > 0 ? await relyingParty.secondFactorOptions(purpose, passkeys) : undefined,
  })
}
