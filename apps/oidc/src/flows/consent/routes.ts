import { shownName } from '@daytona-auth/accounts/shown-name'
import { isPermission } from '@daytona-auth/auth'
import { findConsent } from '@daytona-auth/db/grants'
import { type Account, findAccountById, listUserOrganizations } from '@daytona-auth/db/users'
import { Denial } from '@daytona-auth/service'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { showScopes } from '../../pages/scopes.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { finishInteraction, type OpenInteraction, openInteraction } from '../interaction/open.ts'
import { GONE } from '../interaction/page-errors.ts'
import { type AnsweredPage, allowAccess, choosesOrganizations, denyAccess } from './consent.ts'

/** Registers the consent form. */
export function consentRoutes(app: FastifyInstance, interactionContext: InteractionContext): void {
  const { context, database } = interactionContext

  // The form's URL, opened again after a problem was shown.
  app.get('/oauth/interaction/:uid/consent', async (request, reply) =>
    sendConsent(interactionContext, reply, await openInteraction(context, request, reply)),
  )

  app.post('/oauth/interaction/:uid/consent', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    const form = interactionContext.readForm(request, interaction)
    const { account, sessionUid } = await findConsenter(interactionContext, interaction)
    const chosen = form.fields('organization')
    const answer: AnsweredPage = { account, sessionUid, interaction, chosen, ...interactionContext.origin(request) }

    // Only the exact value allows: a form sent by the Enter key or a restored tab lacks it.
    if (form.field('decision') !== 'allow') {
      await denyAccess(database, answer)
      return finishInteraction(context, request, reply, DENIED)
    }
    const consent = await allowAccess(database, answer)
    if (!consent) {
      reply.code(400)
      return sendConsent(interactionContext, reply, interaction, 'Choose at least one organization, or deny access.')
    }
    return finishInteraction(context, request, reply, { consent: { ...consent } })
  })
}

/** Sends the consent page: the app, its scopes, the account, and the organizations to choose from. */
export async function sendConsent(
  interactionContext: InteractionContext,
  reply: FastifyReply,
  interaction: OpenInteraction,
  problem?: string,
): Promise<FastifyReply> {
  const { client, clientId, paths, scopes } = interaction
  const { email, userId } = (await findConsenter(interactionContext, interaction)).account
  const organizations = choosesOrganizations(interaction)
    ? await listUserOrganizations(interactionContext.database, userId)
    : []
  const permissions = scopes.filter(isPermission)
  const agreed = (await findConsent(interactionContext.database, userId, clientId))?.organizations ?? []
  // Preselected only if all permissions were agreed to before; the user chooses any wider access.
  const before = new Set(agreed.filter((one) => permissions.every((it) => one.scopes.includes(it))).map(({ id }) => id))
  return interactionContext.send(reply, 'consent', {
    ...interactionContext.form(interaction, paths.consent),
    client,
    email,
    problem,
    scopes: showScopes(scopes, client),
    // A single organization is preselected; of several, the user chooses the first time.
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

/**
 * Finds the user who consents: that of the browser's session, at the consent prompt only. A disabled user has no
 * session.
 */
async function findConsenter(
  { database }: InteractionContext,
  { prompt, viewer }: OpenInteraction,
): Promise<{ readonly account: Account; readonly sessionUid: string }> {
  const account = prompt === 'consent' && viewer ? await findAccountById(database, viewer.userId) : undefined
  if (!account || !viewer) throw new Denial(400, GONE, { cause: 'no user to consent' })
  return { account, sessionUid: viewer.sessionUid }
}
