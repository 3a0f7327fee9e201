import type { CallerFacts } from '@daytona-auth/service'
import type { KnownKey, Principal } from '../principal/principal.ts'

/** Returns the fields that the request log has of a caller. Of a refused key only the id is known. */
export function callerFacts(caller: Principal | KnownKey, organizationId: string | undefined): CallerFacts {
  if (!('kind' in caller)) return { principal: 'api-key', keyId: caller.keyId, organizationId }
  const { userId } = caller
  return caller.kind === 'api-key'
    ? { principal: 'api-key', keyId: caller.keyId, userId, organizationId }
    : { principal: 'token', clientId: caller.clientId, userId, organizationId }
}
