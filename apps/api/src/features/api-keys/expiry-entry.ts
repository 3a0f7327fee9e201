import type { AffectedKey, AuditEntry } from '@daytona-auth/db'

/** What the trail tells of a key whose status has turned by itself. */
export const expiryEntry = ({ id, organizationId, name }: AffectedKey): AuditEntry => ({
  organizationId,
  actorId: null,
  actorEmail: null,
  source: 'system',
  action: 'api_key.expire',
  targetType: 'api_key',
  targetId: id,
  metadata: { keyId: id, keyName: name },
})
