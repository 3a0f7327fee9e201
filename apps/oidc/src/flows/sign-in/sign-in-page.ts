import { findAccountById } from '@daytona-auth/db/users'
import type { FastifyReply } from 'fastify'
import type { Message } from '../../pages/language.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import type { OpenInteraction } from '../interaction/open.ts'
import { needsAuthTime } from '../upstream-link/freshness.ts'
import { readPendingLink } from '../upstream-link/pending-link.ts'

/** The sign-in leads to the set-up of a second factor. */
export const ENROLL = 'enroll'

/**
 * Sends the sign-in page: empty, or with the entered address and the problem. `enrolls`: it leads to the set-up of a second
 * factor. `required`: the name of the identity provider that the address has to sign in with.
 */
export async function sendSignIn(
  interactionContext: InteractionContext,
  reply: FastifyReply,
  interaction: OpenInteraction,
  sent?: {
    readonly email?: string
    readonly problem?: Message
    readonly enrolls?: boolean
    readonly required?: string
  },
): Promise<FastifyReply> {
  const { paths, prompt, viewer } = interaction
  const known =
    (prompt === 'login' || sent?.enrolls) && viewer
      ? await findAccountById(interactionContext.context.database, viewer.userId)
      : undefined
  const link = sent?.required ? undefined : readPendingLink(interactionContext, reply.request, interaction.uid)
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
    required: sent?.required,
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
