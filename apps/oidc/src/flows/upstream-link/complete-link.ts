import { auditEntry, inAudit } from '@daytona-auth/db/audit'
import { normalizeEmail, type UserId } from '@daytona-auth/db/core'
import { findAccountById, IdentityTaken, linkIdentity } from '@daytona-auth/db/users'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import type { OpenInteraction } from '../interaction/open.ts'
import { stepAuthority } from '../interaction/step-authority.ts'
import { dropPendingLink, readPendingLink } from './pending-link.ts'

/**
 * Links the identity that waits in this interaction, if the user who has just signed in has the account of its address. Call
 * it after the last step of every sign-in and before the interaction is finished. Another account is never linked.
 */
export async function completePendingLink(
  interactionContext: InteractionContext,
  request: FastifyRequest,
  reply: FastifyReply,
  interaction: OpenInteraction,
  userId: UserId,
): Promise<void> {
  const link = readPendingLink(interactionContext, request, interaction.uid)
  if (!link) return
  dropPendingLink(interactionContext, reply, interaction)
  const { database, origin } = interactionContext
  const account = await findAccountById(database, userId)
  if (!account || normalizeEmail(account.email) !== normalizeEmail(link.email)) return
  const { address, userAgent } = origin(request)
  try {
    await inAudit<boolean>(
      database,
      stepAuthority('sign-in', { userId }),
      (isLinked) =>
        isLinked
          ? auditEntry('user.link_identity', {
              organizationId: account.personalOrganizationId,
              actorId: userId,
              actorEmail: account.email,
              targetId: userId,
              statusCode: 200,
              ipAddress: address,
              userAgent,
              source: 'provider',
              metadata: { issuer: link.issuer, email: link.email },
            })
          : [],
      (tx) => linkIdentity(tx, userId, link),
    )
  } catch (error) {
    // Linked elsewhere in the same moment. The sign-in itself is valid.
    if (!(error instanceof IdentityTaken)) throw error
  }
}
