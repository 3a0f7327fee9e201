import { shownName } from '@daytona-auth/accounts/shown-name'
import { isPermission } from '@daytona-auth/auth'
import { type Account, findAccountById, findConsent, organizationsOf } from '@daytona-auth/db'
import { Refusal } from '@daytona-auth/service'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { finishInteraction, type OpenInteraction, openInteraction } from '../interaction/open.ts'
import { GONE } from '../interaction/page-errors.ts'
import { type AnsweredPage, allow, choosesOrganizations, deny } from './consent.ts'
import { showScopes } from './scopes.ts'

/** The consent page's form. */
export function consentRoutes(app: FastifyInstance, interactionContext: InteractionContext): void {
  const { context, database } = interactionContext

  // The address of a form that came back with a problem, opened anew.
  app.get('/oauth/interaction/:uid/consent', async (request, reply) =>
    sendConsent(interactionContext, reply, await openInteraction(context, request, reply)),
  )

  app.post('/oauth/interaction/:uid/consent', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    const form = interactionContext.readForm(request, interaction)
    const { account, sessionUid } = await consenter(interactionContext, interaction)
    const chosen = form.fields('organization')
    const answer: AnsweredPage = { account, sessionUid, interaction, chosen, ...interactionContext.origin(request) }

    // Only the word itself allows: a form sent by the Enter key or by a browser's restoring does not.
    if (form.field('decision') !== 'allow') {
      await deny(database, answer)
      return finishInteraction(context, request, reply, DENIED)
    }
    const consent = await allow(database, answer)
    if (!consent) {
      reply.code(400)
      return sendConsent(interactionContext, reply, interaction, 'Choose at least one organization, or deny access.')
    }
    return finishInteraction(context, request, reply, { consent: { ...consent } })
  })
}

/** What the app asks for, before whom, with the organizations to choose from. */
export async function sendConsent(
  interactionContext: InteractionContext,
  reply: FastifyReply,
  interaction: OpenInteraction,
  problem?: string,
): Promise<FastifyReply> {
  const { client, clientId, paths, scopes } = interaction
  const { email, userId } = (await consenter(interactionContext, interaction)).account
  const organizations = choosesOrganizations(interaction)
    ? await organizationsOf(interactionContext.database, userId)
    : []
  const permissions = scopes.filter(isPermission)
  const agreed = (await findConsent(interactionContext.database, userId, clientId))?.organizations ?? []
  // Only where all of this was agreed to before: what is wider is chosen by hand.
  const before = new Set(agreed.filter((one) => permissions.every((it) => one.scopes.includes(it))).map(({ id }) => id))
  return interactionContext.send(reply, 'consent', {
    ...interactionContext.form(interaction, paths.consent),
    client,
    email,
    problem,
    scopes: showScopes(scopes, client),
    // A single one is no choice; several are chosen by hand, the first time.
    organizations: organizations.map((one) => ({
      ...one,
      name: shownName(one.name),
      chosen: before.has(one.id) || organizations.length === 1,
    })),
    otherAccount: paths.signIn,
    forDevice: interaction.device !== undefined,
    outlivesSession: interaction.device !== undefined || (client.firstParty && client.native),
  })
}

export const DENIED = { error: 'access_denied', error_description: 'The user denied access' } as const

/** Who is asked: the user of the browser's session, at the consent prompt only. A disabled user has no session. */
async function consenter(
  { database }: InteractionContext,
  { prompt, viewer }: OpenInteraction,
): Promise<{ readonly account: Account; readonly sessionUid: string }> {
  const account = prompt === 'consent' && viewer ? await findAccountById(database, viewer.userId) : undefined
  if (!account || !viewer) throw new Refusal(400, GONE, { cause: 'nobody to consent' })
  return { account, sessionUid: viewer.sessionUid }
}
