import { endedKeyEntries, narrowedKeyEntries } from '../api-keys/ended-keys.ts'
import { type AuditActor, type AuditEntry, auditEntry, DEPLOYMENT } from '../audit/entries.ts'
import type { UserId } from '../core/id.ts'
import type { DeletedAccount } from './account-deletion.ts'

/** Lists every key that ended with an account. */
export const endedKeysOf = ({ keys, deleted, left, personalKeys }: DeletedAccount) => [
  ...keys,
  ...deleted.flatMap((organization) => organization.keys),
  ...left.flatMap(({ ended }) => ended),
  ...personalKeys,
]

/** Builds the audit entries of a deleted account: one in the trail of each affected organization. */
export function deletedAccountEntries(
  actor: AuditActor,
  userId: UserId,
  deletion: DeletedAccount,
  reason: string | undefined,
): AuditEntry[] {
  const { deleted, left, account } = deletion
  const ended = endedKeysOf(deletion)
  const metadata = {
    deletedOrganizations: deleted.map(({ id }) => id),
    leftOrganizations: left.map(({ member }) => member.organizationId),
    endedKeys: ended.length,
    ...(reason !== undefined && { reason }),
  }
  // Organizations that were deleted have an event of their own for all of their keys.
  const gone = new Set([account.personalOrganizationId, ...deleted.map(({ id }) => id)])
  const keys = ended.map((key) => ({ ...key, organizationIds: key.organizationIds.filter((id) => !gone.has(id)) }))
  return [
    // The deployment's trail stays readable: the personal organization has no member any more.
    auditEntry('user.delete', { ...actor, organizationId: DEPLOYMENT, targetId: userId, metadata }),
    auditEntry('user.delete', {
      ...actor,
      organizationId: account.personalOrganizationId,
      targetId: userId,
      metadata,
    }),
    ...deleted.map(({ id, name, keys: endedThere }) =>
      auditEntry('organization.delete', {
        ...actor,
        organizationId: id,
        targetId: id,
        metadata: { name, endedKeys: endedThere.length },
      }),
    ),
    ...left.flatMap(({ member, ended: endedThere, narrowed }) => [
      auditEntry('member.remove', {
        ...actor,
        organizationId: member.organizationId,
        targetId: userId,
        metadata: {
          email: member.email,
          role: member.role,
          assignedRoles: member.assignedRoles.map(({ id, name }) => ({ id, name })),
          endedKeys: endedThere.length,
          narrowedKeys: narrowed.length,
        },
      }),
      ...narrowedKeyEntries(actor, member.organizationId, narrowed, { endedWithMembershipOf: userId }),
    ]),
    ...endedKeyEntries(actor, keys, { endedBy: `user.delete ${userId}` }),
  ]
}
