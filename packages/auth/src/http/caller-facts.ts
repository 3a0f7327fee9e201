import type { CallerFacts } from '@daytona-auth/service'
import type { KnownKey, Principal } from '../principal/principal.ts'

/** Who a request is from, as its line in the log tells it. Of a key that is no longer good, only its id is known. */
export function callerFacts(caller: Principal | KnownKey, organizationId: string | undefined): CallerFacts {
  if (!('kind' in caller)) return { principal: 'api-key', keyId: caller.keyId, organizationId }
  const { userId } = caller
  return caller.kind === 'api-key'
    ? { principal: 'api-key', keyId: caller.keyId, userId, organizationId }
    : { principal: 'token', clientId: caller.clientId, userId, organizationId }
}
