import type { AffectedKey } from '@daytona-auth/db/api-keys'
import type { AuditEntry } from '@daytona-auth/db/audit'

/** Creates the audit event of an expired key. */
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
