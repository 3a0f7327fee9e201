import {
  type Authority,
  type AuthorityLocks,
  callerAuthority,
  confirmApiKey,
  confirmToken,
  type Queryable,
} from '@daytona-auth/db'
import type { FastifyRequest } from 'fastify'
import { isExpired, type OrganizationAccess, type Principal } from '../principal/principal.ts'
import { apiKeyAnswer, type TokenClaims, tokenAnswer } from '../principal/resolve-principal.ts'
import { type Answer, isRefused, type Refused, refused } from '../principal/result.ts'
import { type Noted, ORGANIZATION, refusalOf, requiredScope } from './guard.ts'

/** The caller as the transaction found it. What is granted in a write is measured by this, not by the request's principal. */
export interface Confirmed {
  readonly principal: Principal
  /** Null on routes without an organization. */
  readonly organization: OrganizationAccess | null
}

/**
 * The authority of a request's caller for a write: locks and reads the credential again in the transaction, and judges it by
 * the route's own rules. The change receives what `toCaller` makes of the result.
 */
export const requestAuthority = <Caller>(
  request: FastifyRequest,
  locks: AuthorityLocks,
  toCaller: (confirmed: Confirmed) => Caller,
): Authority<Caller> =>
  callerAuthority(request.principal.kind, async (tx) => {
    const { config } = request.routeOptions
    const answer = await readAgain(tx, request.principal, locks)
    const instant = request.server.authenticationClock()
    // 401: the credential ended between the guard and the transaction.
    const deny = (refusal: Refused) => request.server.challenge(refusal, requiredScope(request, config))
    if (isRefused(answer)) throw deny(answer)
    if (isExpired(answer, instant)) throw deny(refused(answer.kind, 'expired'))
    const noted: Noted = { [ORGANIZATION]: null }
    const refusal = refusalOf(request, config, answer, instant, noted)
    if (refusal) throw refusal
    return toCaller({ principal: answer, organization: noted[ORGANIZATION] })
  })

async function readAgain(tx: Queryable, principal: Principal, locks: AuthorityLocks): Promise<Answer> {
  if (principal.kind === 'api-key') {
    const facts = await confirmApiKey(tx, principal, locks)
    return facts === undefined ? refused('api-key', 'unknown') : apiKeyAnswer(facts)
  }
  // The scopes are those that the grant still had: a scope that was taken away is not given back by reading again.
  const claims: TokenClaims = {
    tokenId: principal.tokenId,
    grantId: principal.grantId,
    userId: principal.userId,
    clientId: principal.clientId,
    scopes: [...principal.scopes],
    expiresAt: principal.expiresAt ?? 0,
    kid: principal.signingKeyId,
  }
  return tokenAnswer(await confirmToken(tx, claims, locks), claims)
}
