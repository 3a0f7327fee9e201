import { auditEntry, inAudit } from '@daytona-auth/db/audit'
import { type EndedUserAccess, listIdentities, type Unlinking, unlinkIdentity } from '@daytona-auth/db/users'
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
    const { issuer } = readAccountForm(interactionContext, request, open)
    const result = await unlink(interactionContext, open, issuer, origin(request))
    if (result === 'last') return show(open, request, reply.code(409), ONLY_WAY)
    // One that is not linked any more is what the user wanted.
    return redirectToPage(reply, signIns, 'removed')
  })

  async function show(open: OpenAccount, request: FastifyRequest, reply: FastifyReply, problem?: Message) {
    const identities = await listIdentities(database, open.account.userId)
    return interactionContext.send(reply, 'account-sign-ins', {
      ...frame(open, request, signIns, problem),
      hasPassword: open.account.passwordHash !== null,
      recovery: RECOVERY,
      identities: identities.map(({ issuer, email, createdAt, lastUsedAt }) => ({
        issuer,
        label: labels.get(issuer) ?? new URL(issuer).host,
        isOffered: labels.has(issuer),
        email,
        linkedAt: createdAt.toISOString(),
        lastUsedAt: lastUsedAt?.toISOString(),
      })),
      offered: [...labels.values()],
    })
  }
}

/**
 * Removes an identity. The transaction refuses the only way in. If its provider is trusted for several factors, what it may
 * have signed in ends as well: see `endAccessOfRemovedFactor`. @throws StepEnded if the session has ended
 */
async function unlink(
  interactionContext: InteractionContext,
  open: OpenAccount,
  issuer: string,
  origin: ChangeOrigin,
): Promise<Unlinking> {
  const { account, viewer } = open
  const { userId, sessionUid } = viewer
  const upstreams = [...interactionContext.context.upstreams.values()]
  const usable = upstreams.map((upstream) => upstream.issuer)
  const wasFactor = upstreams.some((upstream) => upstream.issuer === issuer && upstream.trustsMfa)
  const { result, ended } = await inAudit<{ readonly result: Unlinking; readonly ended?: EndedUserAccess }>(
    interactionContext.database,
    stepAuthority('session', { userId, sessionUid }),
    (done) =>
      done.result === 'unlinked'
        ? [
            auditEntry('user.unlink_identity', {
              ...actorOf(account, origin),
              organizationId: account.personalOrganizationId,
              targetId: userId,
              statusCode: 200,
              metadata: { issuer, ...(done.ended && countEnded(done.ended)) },
            }),
            ...(done.ended ? removedAccessEntries(open, origin, done.ended, 'user.unlink_identity') : []),
          ]
        : [],
    async (tx) => {
      const unlinked = await unlinkIdentity(tx, userId, issuer, usable)
      if (unlinked !== 'unlinked' || !wasFactor) return { result: unlinked }
      return { result: unlinked, ended: await endAccessOfRemovedFactor(tx, open) }
    },
  )
  if (ended) invalidateAccess(interactionContext, ended)
  return result
}

const DONE: Readonly<Record<string, Sentence>> = { removed: 'You cannot sign in with it any more.' }

const ONLY_WAY = 'This is your only way to sign in. Choose a password first.'
