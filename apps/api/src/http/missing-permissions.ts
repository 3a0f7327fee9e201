import type { Permission } from '@daytona-auth/auth'
import { type Denial, forbidden } from '@daytona-auth/service'

/** Creates a 403 that names the missing permissions (RFC 6750 section 3.1), so that a client can request them. */
export const missingPermissions = (missing: readonly Permission[]): Denial =>
  forbidden(`lacks ${missing.join(' ')}`, {
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${missing.join(' ')}"` },
  })
