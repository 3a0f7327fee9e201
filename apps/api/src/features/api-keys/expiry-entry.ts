import type { AffectedKey } from '@daytona-auth/db/api-keys'
import { type AuditEntry, auditEntry } from '@daytona-auth/db/audit'

/** Creates the audit event of an expired key. */
export const expiryEntry = ({ id, organizationId, name }: AffectedKey): AuditEntry =>
  auditEntry('api_key.expire', {
    organizationId,
    actorId: null,
    actorEmail: null,
    source: 'system',
    targetId: id,
    metadata: { keyId: id, keyName: name },
  })
