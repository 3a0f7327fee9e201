import { type Authority, callerAuthority } from '@daytona-auth/db/audit'
import type { Queryable } from '@daytona-auth/db/core'
import { type AuthorityLocks, confirmApiKey, confirmToken } from '@daytona-auth/db/principals'
import type { Denial } from '@daytona-auth/service'
import type { FastifyRequest } from 'fastify'
import { isExpired, type OrganizationAccess, type Principal } from '../principal/principal.ts'
import { resolveApiKey, resolveToken, type TokenClaims } from '../principal/resolve-principal.ts'
import { type Answer, type CredentialDenial, denyCredential, isDenied } from '../principal/result.ts'
import { denialOf, ORGANIZATION, requiredScope, type SelectedOrganization } from './guard.ts'

/** The caller as read in the transaction of a write, which limits what the write may grant: not `request.principal`. */
export interface Confirmed {
  readonly principal: Principal
  /** Null on routes without an organization. */
  readonly organization: OrganizationAccess | null
}

/**
 * Makes the authority of a request's caller for a write. It locks and reads the credential again in the transaction and
 * applies the route's rules to it. The change receives the result of `toCaller`.
 */
export const requestAuthority = <Caller>(
  request: FastifyRequest,
  locks: AuthorityLocks,
  toCaller: (confirmed: Confirmed) => Caller,
): Authority<Caller> =>
  callerAuthority(request.principal.kind, async (tx) => {
    const answer = await rereadCredential(tx, request.principal, locks)
    const instant = request.server.authenticationClock()
    if (isDenied(answer)) throw credentialEnded(request, answer)
    if (isExpired(answer, instant)) throw credentialEnded(request, denyCredential(answer.kind, 'expired'))
    const target: SelectedOrganization = { [ORGANIZATION]: null }
    const denial = denialOf(request, request.routeOptions.config, answer, instant, target)
    if (denial) throw denial
    return toCaller({ principal: answer, organization: target[ORGANIZATION] })
  })

/** The 401 for a credential that ended after the guard had accepted it, with the challenge of the route. */
export const credentialEnded = (
  request: FastifyRequest,
  answer: CredentialDenial = denyCredential(request.principal.kind, 'revoked'),
): Denial => request.server.challenge(answer, requiredScope(request, request.routeOptions.config))

async function rereadCredential(tx: Queryable, principal: Principal, locks: AuthorityLocks): Promise<Answer> {
  if (principal.kind === 'api-key') {
    const facts = await confirmApiKey(tx, principal, locks)
    return facts === undefined ? denyCredential('api-key', 'unknown') : resolveApiKey(facts)
  }
  // The principal's scopes, not the token's: reading again must not restore a scope that the grant lost.
  const claims: TokenClaims = {
    tokenId: principal.tokenId,
    grantId: principal.grantId,
    userId: principal.userId,
    clientId: principal.clientId,
    scopes: [...principal.scopes],
    expiresAt: principal.expiresAt ?? 0,
    kid: principal.signingKeyId,
    confirmation: principal.confirmation,
    signIn: principal.signIn,
  }
  return resolveToken(await confirmToken(tx, claims, locks), claims)
}
