import { isPermission } from '@daytona-auth/auth'
import { type DenyingOrganization, listDenyingOrganizations } from '@daytona-auth/db/clients'
import type { OrganizationId } from '@daytona-auth/db/core'
import { findConsent } from '@daytona-auth/db/grants'
import { type Account, findAccountById, listUserOrganizations } from '@daytona-auth/db/users'
import { isIdentityScope } from '@daytona-auth/protocol/scopes'
import { Denial } from '@daytona-auth/service'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Message } from '../../pages/language.ts'
import { showOrganizationName } from '../../pages/organization-name.ts'
import type { ShownOrganization } from '../../pages/pages.ts'
import { showResource } from '../../pages/resource.ts'
import { chooseScopes, REQUIRED_SCOPE, showScopes } from '../../pages/scopes.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { finishInteraction, type OpenInteraction, openInteraction } from '../interaction/open.ts'
import { GONE } from '../interaction/page-errors.ts'
import { mayEnroll } from '../sign-in/enrollment.ts'
import { requestApproval } from './approval-request.ts'
import { type AnsweredPage, allowAccess, choosesOrganizations, denyAccess, lacksSecondFactor } from './consent.ts'

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
    const decision = form.field('decision')
    // The organization whose approval is requested. An earlier release takes it for a denial, too: there is no decision.
    const approval = form.field('request')
    const scopes =
      decision === ALLOW_CHOSEN || decision === FIND || approval !== ''
        ? chosenScopes(interaction, form.fields('scope'))
        : interaction.scopes
    const origin = interactionContext.origin(request)
    const answer: AnsweredPage = { account, sessionUid, interaction, chosen, scopes, ...origin }

    // The identifier may belong to another API since the page was opened.
    if (form.field('resource') !== (interaction.resource?.id ?? '')) {
      throw new Denial(400, GONE, { cause: 'the page named another API' })
    }
    // Shows the page again, also for the Enter key in the field of the search: its button is the first of the form.
    if (decision === FIND) {
      const find = form.field('find')
      return sendConsent(interactionContext, reply, interaction, { scopes, organizations: chosen, find })
    }
    if (approval !== '') {
      const retryAfter = await interactionContext.limits.appRequest(account.userId)
      const result =
        retryAfter === undefined ? await requestApproval(interactionContext, answer, approval, request.log) : 'full'
      if (result === 'full') reply.code(409)
      if (retryAfter !== undefined) reply.code(429).header('retry-after', String(retryAfter))
      return sendConsent(interactionContext, reply, interaction, {
        ...(result === 'full' && { problem: TOO_MANY_REQUESTS }),
        scopes,
        organizations: chosen,
      })
    }
    // Only the exact value allows: a form sent by the Enter key or a restored tab lacks it.
    if (decision !== ALLOW && decision !== ALLOW_CHOSEN) {
      await denyAccess(database, answer)
      return finishInteraction(context, request, reply, DENIED)
    }
    const again = (problem: Message) =>
      sendConsent(interactionContext, reply.code(400), interaction, { problem, scopes, organizations: chosen })
    if (scopes.length === 0) return again('Leave at least one permission, or deny access.')
    const consent = await allowAccess(database, answer)
    if (!consent) return again('Choose at least one organization, or deny access.')
    return finishInteraction(context, request, reply, { consent: { ...consent } })
  })
}

/** Allows everything that the page shows: of our own apps, and of a page of an earlier release. */
const ALLOW = 'allow'

/**
 * Allows what is chosen on the page. Another value than `ALLOW`: a process of an earlier release, which would allow all,
 * takes it for a denial.
 */
const ALLOW_CHOSEN = 'allow-chosen'

/** Searches the organizations. Another process of an earlier release takes it for a denial. */
const FIND = 'find'

const TOO_MANY_REQUESTS: Message =
  'You have requested many apps. Wait until your organization has answered, or ask an owner directly.'

/** With more organizations, the page has a search. */
const UNSEARCHED_ORGANIZATIONS = 10

/** Whether the name of an organization contains a text, in any case. */
const hasInName = (name: string, text: string): boolean =>
  name.normalize('NFKC').toLowerCase().includes(text.normalize('NFKC').toLowerCase().trim())

/** Returns the requested scopes that the user left in. Our own apps are allowed as a whole. */
const chosenScopes = ({ client, scopes }: OpenInteraction, chosen: readonly string[]): readonly string[] =>
  client.firstParty ? scopes : scopes.filter((scope) => scope === REQUIRED_SCOPE || chosen.includes(scope))

/** What was entered on a page that is shown again, and why. */
interface KeptConsent {
  readonly problem?: Message
  readonly scopes: readonly string[]
  readonly organizations: readonly string[]
  /** The text that the names of the listed organizations contain. */
  readonly find?: string
}

/** Sends the consent page: the app, its scopes, the account, and the organizations to choose from. */
export async function sendConsent(
  interactionContext: InteractionContext,
  reply: FastifyReply,
  interaction: OpenInteraction,
  kept?: KeptConsent,
): Promise<FastifyReply> {
  const { client, clientId, paths, resource, scopes } = interaction
  const { account } = await findConsenter(interactionContext, interaction)
  const { email, userId } = account
  const organizations = choosesOrganizations(interaction)
    ? await listUserOrganizations(interactionContext.database, userId)
    : []
  const denying = new Map(
    organizations.length > 0
      ? (await listDenyingOrganizations(interactionContext.database, userId, clientId)).map((one) => [one.id, one])
      : [],
  )
  const consent = await findConsent(interactionContext.database, userId, clientId)
  const agreed = consent?.organizations ?? []
  const earlier = consent && {
    scopes: [...consent.scopes, ...agreed.flatMap((organization) => organization.scopes)],
    declined: consent.declined,
  }
  const permissions = scopes.filter((scope) => isPermission(scope) && !consent?.declined.includes(scope))
  // Preselected only if all permissions were agreed to before; the user chooses any wider access.
  const before = new Set(agreed.filter((one) => permissions.every((it) => one.scopes.includes(it))).map(({ id }) => id))
  const isChosen = (id: OrganizationId) =>
    kept ? kept.organizations.includes(id) : before.has(id) || organizations.length === 1
  const find = kept?.find ?? ''
  const names = new Map(organizations.map(({ id, name }) => [id, name]))
  const hadAccess = new Set(agreed.map(({ id }) => id))
  const own = resource ? scopes.filter(isIdentityScope) : scopes
  return interactionContext.send(reply, 'consent', {
    ...interactionContext.form(interaction, paths.consent),
    client,
    email,
    problem: kept?.problem,
    scopes: client.firstParty ? showScopes(own, client) : [],
    choices: client.firstParty ? [] : chooseScopes(own, earlier, kept?.scopes),
    hadAccess: !client.firstParty && consent !== undefined,
    resource: resource && showResource(resource, scopes, kept?.scopes),
    // A single organization is preselected; of several, the user chooses the first time.
    organizations: organizations
      .map((one) => ({
        ...one,
        name: showOrganizationName(one),
        chosen: isChosen(one.id) && !lacksSecondFactor(one, interaction) && !denying.has(one.id),
        needsSecondFactor: lacksSecondFactor(one, interaction),
        denial: denialOf(denying.get(one.id)),
        hadAccess: hadAccess.has(one.id),
      }))
      // What is chosen is always listed: nothing is allowed that the page does not show.
      .filter((one) => one.chosen || hasInName(names.get(one.id) ?? '', find))
      // Those with access first, so that none is hidden in a list that scrolls.
      .sort((one, other) => Number(other.hadAccess) - Number(one.hadAccess)),
    find: organizations.length > UNSEARCHED_ORGANIZATIONS ? find : undefined,
    otherAccount: paths.signIn,
    enrollment: mayEnroll(account) ? paths.enrollment : undefined,
    forDevice: interaction.device !== undefined,
    outlivesSession: interaction.device !== undefined || (client.firstParty && client.native),
  })
}

/** Returns how an organization denies the app; undefined if it does not. */
function denialOf(denying: DenyingOrganization | undefined): ShownOrganization['denial'] {
  if (!denying) return undefined
  return denying.isBlocked ? 'blocked' : denying.isRequested ? 'requested' : 'unapproved'
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
