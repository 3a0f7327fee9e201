import type { Permission } from '@daytona-auth/auth'
import { forbidden, type Refusal } from '@daytona-auth/service'

/** 403 for lacking permissions: it names them (RFC 6750 section 3.1), so that a client can ask for them. */
export const missingPermissions = (missing: readonly Permission[]): Refusal =>
  forbidden(`lacks ${missing.join(' ')}`, {
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${missing.join(' ')}"` },
  })
