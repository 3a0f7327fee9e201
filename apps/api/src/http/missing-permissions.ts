import type { Permission } from '@daytona-auth/auth'
import { forbidden, type Refusal } from '@daytona-auth/service'

/** Creates a 403 that names the missing permissions (RFC 6750 section 3.1), so that a client can request them. */
export const missingPermissions = (missing: readonly Permission[]): Refusal =>
  forbidden(`lacks ${missing.join(' ')}`, {
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${missing.join(' ')}"` },
  })
