import { auditEntry, inAudit } from '@daytona-auth/db/audit'
import { normalizeEmail, type UserId } from '@daytona-auth/db/core'
import { type ProvisioningOutcome, provisioningEntries, provisionMember } from '@daytona-auth/db/organizations'
import { findAccountById, type Identity, IdentityTaken, linkIdentity } from '@daytona-auth/db/users'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { actorOf } from '../interaction/change-origin.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import type { OpenInteraction } from '../interaction/open.ts'
import { stepAuthority } from '../interaction/step-authority.ts'
import { dropPendingLink, readPendingLink } from './pending-link.ts'

/**
 * Links the identity that waits in this interaction, if the user who has just signed in has the account of its address. Call
 * it after the last step of every sign-in and before the interaction is finished. Another account is never linked. The identity
 * provider of an organization may make the user its member. Returns the identity if it was linked.
 */
export async function completePendingLink(
  interactionContext: InteractionContext,
  request: FastifyRequest,
  reply: FastifyReply,
  interaction: OpenInteraction,
  userId: UserId,
): Promise<Identity | undefined> {
  const link = readPendingLink(interactionContext, request, interaction.uid)
  if (!link) return undefined
  dropPendingLink(interactionContext, reply, interaction)
  const { database, origin } = interactionContext
  const account = await findAccountById(database, userId)
  if (!account || normalizeEmail(account.email) !== normalizeEmail(link.email)) return undefined
  const actor = actorOf(account, origin(request))
  try {
    const { isLinked } = await inAudit<{
      readonly isLinked: boolean
      readonly provisioned?: ProvisioningOutcome | undefined
    }>(
      database,
      stepAuthority('sign-in', { userId }),
      ({ isLinked, provisioned }) =>
        isLinked
          ? [
              auditEntry('user.link_identity', {
                ...actor,
                organizationId: account.personalOrganizationId,
                targetId: userId,
                statusCode: 200,
                metadata: { issuer: link.issuer, email: link.email },
              }),
              ...provisioningEntries(provisioned, actor),
            ]
          : [],
      async (tx) => {
        if (!(await linkIdentity(tx, userId, link))) return { isLinked: false }
        return { isLinked: true, provisioned: await provisionMember(tx, userId, link) }
      },
    )
    return isLinked ? link : undefined
  } catch (error) {
    // Linked elsewhere in the same moment. The sign-in itself is valid.
    if (!(error instanceof IdentityTaken)) throw error
    return undefined
  }
}
