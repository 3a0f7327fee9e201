import { auditEntry, inAudit } from '@daytona-auth/db/audit'
import { listIdentities, type Unlinking, unlinkIdentity } from '@daytona-auth/db/users'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ACCOUNT_PAGES } from '../../pages/account-pages.ts'
import type { Sentence } from '../../pages/german/german.ts'
import type { Message } from '../../pages/language.ts'
import { createAccountPages, redirectToPage } from '../account/account-page.ts'
import { type OpenAccount, readAccountForm } from '../account/open-account.ts'
import type { ChangeOrigin } from '../interaction/change-origin.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { stepAuthority } from '../interaction/step-authority.ts'
import { RECOVERY } from '../sign-in/routes.ts'

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

/** Removes an identity. The transaction refuses the only way in. @throws StepEnded if the session has ended */
function unlink(
  { context, database }: InteractionContext,
  { account, viewer: { userId, sessionUid } }: OpenAccount,
  issuer: string,
  { address, userAgent }: ChangeOrigin,
): Promise<Unlinking> {
  const usable = [...context.upstreams.values()].map((upstream) => upstream.issuer)
  return inAudit<Unlinking>(
    database,
    stepAuthority('session', { userId, sessionUid }),
    (result) =>
      result === 'unlinked'
        ? auditEntry('user.unlink_identity', {
            organizationId: account.personalOrganizationId,
            actorId: userId,
            actorEmail: account.email,
            targetId: userId,
            statusCode: 200,
            ipAddress: address,
            userAgent,
            source: 'provider',
            metadata: { issuer },
          })
        : [],
    (tx) => unlinkIdentity(tx, userId, issuer, usable),
  )
}

const DONE: Readonly<Record<string, Sentence>> = { removed: 'You cannot sign in with it any more.' }

const ONLY_WAY = 'This is your only way to sign in. Choose a password first.'
