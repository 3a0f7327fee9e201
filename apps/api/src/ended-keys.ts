import type { AuditActor, AuditEntry, EndedKey, OrganizationId } from '@daytona-auth/db'

/** How the trails tell of keys that ended with something else, each wherever the key could act. */
export const endedKeyEntries = (
  actor: AuditActor,
  keys: readonly EndedKey[],
  endedWith: Readonly<Record<string, string>>,
): AuditEntry[] =>
  keys.flatMap(({ id, name, organizationIds }) =>
    organizationIds.map((organizationId) => ({
      ...actor,
      organizationId,
      action: 'api_key.delete',
      targetType: 'api_key',
      targetId: id,
      statusCode: 204,
      metadata: { keyId: id, keyName: name, ...endedWith },
    })),
  )

/** How the trail of one organization tells of keys that live elsewhere and lost it. */
export const narrowedKeyEntries = (
  actor: AuditActor,
  organizationId: OrganizationId,
  keys: readonly Pick<EndedKey, 'id' | 'name'>[],
  endedWith: Readonly<Record<string, string>>,
): AuditEntry[] =>
  keys.map(({ id, name }) => ({
    ...actor,
    organizationId,
    action: 'api_key.remove_organization',
    targetType: 'api_key',
    targetId: id,
    statusCode: 204,
    metadata: { keyId: id, keyName: name, ...endedWith },
  }))
