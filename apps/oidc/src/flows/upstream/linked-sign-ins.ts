import { shownName } from '@daytona-auth/accounts/shown-name'
import { auditEntry, inAudit } from '@daytona-auth/db/audit'
import { isId, type OrganizationId, type UserId } from '@daytona-auth/db/core'
import {
  type EndedUserAccess,
  listIdentities,
  listOrganizationIdentities,
  type Unlinking,
  unlinkIdentity,
  unlinkOrganizationIdentity,
} from '@daytona-auth/db/users'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ACCOUNT_PAGES } from '../../pages/account-pages.ts'
import type { Sentence } from '../../pages/german/german.ts'
import type { Message } from '../../pages/language.ts'
import { createAccountPages, redirectToPage } from '../account/account-page.ts'
import { type OpenAccount, readAccountForm } from '../account/open-account.ts'
import { endAccessOfRemovedFactor, removedAccessEntries } from '../factors/removed-factor.ts'
import { actorOf, type ChangeOrigin } from '../interaction/change-origin.ts'
import { countEnded, invalidateAccess } from '../interaction/ended-access.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { stepAuthority } from '../interaction/step-authority.ts'
import { RECOVERY } from '../sign-in/sign-in-page.ts'

/** Registers the account page that lists the accounts at other providers, each with a form that removes it. */
export function linkedSignInPage(app: FastifyInstance, interactionContext: InteractionContext): void {
  const { context, database, origin } = interactionContext
  const { signIns } = ACCOUNT_PAGES
  const { page, frame } = createAccountPages(app, interactionContext, DONE)
  const labels = new Map([...context.upstreams.values()].map(({ issuer, label }) => [issuer, label]))

  page(signIns, show, async (open, request, reply) => {
    const { issuer, organization } = readAccountForm(interactionContext, request, open)
    const result = await unlink(interactionContext, open, { issuer, organization }, origin(request))
    if (result === 'last') return show(open, request, reply.code(409), ONLY_WAY)
    // One that is not linked any more is what the user wanted.
    return redirectToPage(reply, signIns, 'removed')
  })

  async function show(open: OpenAccount, request: FastifyRequest, reply: FastifyReply, problem?: Message) {
    return interactionContext.send(reply, 'account-sign-ins', {
      ...frame(open, request, signIns, problem),
      hasPassword: open.account.passwordHash !== null,
      recovery: RECOVERY,
      identities: [...(await ofDeployment(open.account.userId)), ...(await ofOrganizations(open.account.userId))],
      offered: [...labels.values()],
    })
  }

  const ofDeployment = async (userId: UserId) =>
    (await listIdentities(database, userId)).map(({ issuer, email, ...times }) => ({
      field: 'issuer' as const,
      value: issuer,
      label: labels.get(issuer) ?? new URL(issuer).host,
      isOffered: labels.has(issuer),
      awaitsMembership: false,
      detail: email,
      ...textsOf(times),
    }))

  const ofOrganizations = async (userId: UserId) =>
    (await listOrganizationIdentities(database, userId)).map((identity) => ({
      field: 'organization' as const,
      value: identity.organizationId,
      label: shownName(identity.organizationName),
      isOffered: identity.isOffered,
      awaitsMembership: identity.awaitsMembership,
      detail: new URL(identity.issuer).host,
      ...textsOf(identity),
    }))
}

const textsOf = ({ createdAt, lastUsedAt }: { readonly createdAt: Date; readonly lastUsedAt: Date | null }) => ({
  linkedAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt?.toISOString(),
})

/** What was unlinked: its issuer, and what ended with it. */
interface Unlinked {
  readonly issuer: string
  readonly ended: EndedUserAccess
}

/**
 * Removes an identity. The transaction refuses the only way in. What the identity signed in ends. If a
 * provider of the deployment is trusted for several factors, what it may have signed in ends: see `endAccessOfRemovedFactor`.
 * @throws StepEnded if the session has ended
 */
async function unlink(
  interactionContext: InteractionContext,
  open: OpenAccount,
  { issuer, organization }: { readonly issuer: string; readonly organization: string },
  origin: ChangeOrigin,
): Promise<Unlinking> {
  const { account, viewer } = open
  const { userId, sessionUid } = viewer
  const upstreams = [...interactionContext.context.upstreams.values()]
  const usable = upstreams.map((upstream) => upstream.issuer)
  const wasFactor = upstreams.some((upstream) => upstream.issuer === issuer && upstream.trustsMfa)
  const result = await inAudit<Unlinked | Exclude<Unlinking, 'unlinked'>>(
    interactionContext.database,
    stepAuthority('session', { userId, sessionUid }),
    (done) =>
      typeof done === 'object'
        ? [
            auditEntry('user.unlink_identity', {
              ...actorOf(account, origin),
              organizationId: account.personalOrganizationId,
              targetId: userId,
              statusCode: 200,
              metadata: { issuer: done.issuer, ...countEnded(done.ended) },
            }),
            ...removedAccessEntries(open, origin, done.ended, 'user.unlink_identity'),
          ]
        : [],
    async (tx) => {
      if (isId('org', organization)) {
        return unlinkOrganizationIdentity(tx, userId, organization as OrganizationId, usable)
      }
      const ended = await unlinkIdentity(tx, userId, issuer, usable)
      if (typeof ended !== 'object' || !wasFactor) return typeof ended === 'object' ? { issuer, ended } : ended
      const others = await endAccessOfRemovedFactor(tx, open)
      return {
        issuer,
        ended: {
          sessions: ended.sessions + others.sessions,
          grants: [...ended.grants, ...others.grants],
          keys: [...ended.keys, ...others.keys],
        },
      }
    },
  )
  if (typeof result !== 'object') return result
  invalidateAccess(interactionContext, result.ended)
  return 'unlinked'
}

const DONE: Readonly<Record<string, Sentence>> = { removed: 'You cannot sign in with it any more.' }

const ONLY_WAY = 'This is your only way to sign in. Choose a password first.'
