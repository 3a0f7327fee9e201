import type { OrganizationAccess, Principal } from '@daytona-auth/auth'
import type { AuditActor } from '@daytona-auth/db'
import type { FastifyRequest } from 'fastify'

/** Who asks for a change and from where, as the audit trail tells it. */
export interface Caller {
  readonly principal: Principal
  readonly actor: AuditActor
}

/** A caller in the organization that the request means. */
export interface CallerInOrganization extends Caller {
  readonly organization: OrganizationAccess
}

export const callerOf = (request: FastifyRequest): Caller => ({
  principal: request.principal,
  actor: actorOf(request, request.principal),
})

export const callerIn = (request: FastifyRequest): CallerInOrganization => ({
  ...callerOf(request),
  organization: request.organization,
})

/** Longer ones are made up. */
const USER_AGENT_CHARS = 512

function actorOf(request: FastifyRequest, principal: Principal): AuditActor {
  return {
    actorId: principal.userId,
    actorEmail: principal.email,
    ...(principal.kind === 'api-key' && {
      actorApiKeyPrefix: principal.hint.slice(0, 'dta_'.length + 4),
      actorApiKeySuffix: principal.hint.slice(-4),
      actorApiKey: { id: principal.keyId, name: principal.keyName },
    }),
    ipAddress: request.ip,
    userAgent: request.headers['user-agent']?.slice(0, USER_AGENT_CHARS) ?? null,
    source: principal.kind === 'token' ? `token:${principal.clientId}` : principal.kind,
  }
}
