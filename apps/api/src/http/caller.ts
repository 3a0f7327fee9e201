import {
  credentialEnded,
  type OrganizationAccess,
  type Principal,
  requestAuthority,
  type SignInRequirement,
  satisfiesSignIn,
} from '@daytona-auth/auth'
import { type AuditActor, type Authority, actingKey } from '@daytona-auth/db/audit'
import type { AuthorityLocks, AuthorityScope } from '@daytona-auth/db/principals'
import { type Denial, userAgentOf } from '@daytona-auth/service'
import type { FastifyRequest } from 'fastify'

/** The principal of a request, with the actor that the audit trail records. */
export interface Caller {
  readonly principal: Principal
  readonly actor: AuditActor
  /** Returns the authority for a write. Its transaction receives the caller as re-verified there. */
  readonly authority: (scope: AuthorityScope, organizationIds?: AuthorityLocks['organizationIds']) => Authority<Caller>
  /** The 401 for a credential that ended in the middle of the request. */
  readonly credentialEnded: () => Denial
  /**
   * Requires a sign-in behind the caller's token. A token never changes, so it is that of the transaction as well. API keys
   * have no sign-in and are not affected.
   * @throws Denial 401 for a weaker or earlier sign-in (RFC 9470)
   */
  readonly requireSignIn: (requirement: SignInRequirement) => void
}

/** A caller with the organization that the request selects. */
export interface CallerInOrganization extends Caller {
  readonly organization: OrganizationAccess
  /** Locks the request's organization unless others are given. */
  readonly authority: (
    scope: AuthorityScope,
    organizationIds?: AuthorityLocks['organizationIds'],
  ) => Authority<CallerInOrganization>
}

export function callerOf(request: FastifyRequest): Caller {
  const caller: Caller = {
    principal: request.principal,
    actor: actorOf(request, request.principal),
    authority: (scope, organizationIds = []) =>
      requestAuthority(request, { scope, organizationIds }, ({ principal }): Caller => ({ ...caller, principal })),
    credentialEnded: () => credentialEnded(request),
    requireSignIn: (requirement) => requireSignIn(request, requirement),
  }
  return caller
}

export function callerIn(request: FastifyRequest): CallerInOrganization {
  const caller: CallerInOrganization = {
    principal: request.principal,
    organization: request.organization,
    actor: actorOf(request, request.principal),
    authority: (scope, organizationIds = [request.organization.organizationId]) =>
      requestAuthority(
        request,
        { scope, organizationIds },
        ({ principal, organization }): CallerInOrganization => ({
          ...caller,
          principal,
          organization: organization ?? caller.organization,
        }),
      ),
    credentialEnded: () => credentialEnded(request),
    requireSignIn: (requirement) => requireSignIn(request, requirement),
  }
  return caller
}

function requireSignIn({ principal, server }: FastifyRequest, requirement: SignInRequirement): void {
  if (principal.kind !== 'token') return
  if (satisfiesSignIn(principal.signIn, requirement, server.authenticationClock())) return
  throw server.stepUpChallenge(principal, requirement)
}

function actorOf(request: FastifyRequest, principal: Principal): AuditActor {
  return {
    actorId: principal.userId,
    actorEmail: principal.email,
    ...(principal.kind === 'api-key' && actingKey(principal.hint, { id: principal.keyId, name: principal.keyName })),
    ipAddress: request.ip,
    userAgent: userAgentOf(request.headers),
    source: principal.kind === 'token' ? `token:${principal.clientId}` : principal.kind,
  }
}
