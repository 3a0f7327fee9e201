import type { FastifyReply } from 'fastify'
import type { Message } from '../../pages/language.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import type { OpenInteraction } from '../interaction/open.ts'

/** The page for a person who has lost every second factor. */
export const FACTOR_RESET = '/oauth/recovery/factors'

/** Sends the page of the second factor. `ticket` states that the first step was right. */
export const sendSecondFactor = (
  interactionContext: InteractionContext,
  reply: FastifyReply,
  interaction: OpenInteraction,
  page: {
    readonly ticket: string
    readonly method: 'totp' | 'recovery-code'
    /** Whether the browser shall be trusted. */
    readonly trusts?: boolean
    readonly problem?: Message | undefined
  },
): FastifyReply =>
  interactionContext.send(reply, 'second-factor', {
    ...interactionContext.form(interaction, interaction.paths.secondFactor),
    ...page,
    trusts: page.trusts ?? false,
    problem: page.problem,
    client: interaction.client,
    cancel: interaction.paths.cancel,
    lost: FACTOR_RESET,
  })
