import { type AuditActor, type AuditEntry, auditEntry, inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { isId } from '@daytona-auth/db/core'
import { type EndedUpstreamSession, endUpstreamSessions, type UpstreamLogout } from '@daytona-auth/db/users'
import {
  acceptForms,
  boundedText,
  Denial,
  networkOf,
  noteDenial,
  tooManyRequests,
  userAgentOf,
} from '@daytona-auth/service'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { createNamedAttemptLimits } from '../../limits/shared-attempts.ts'
import { UPSTREAM_LOGOUT } from '../../provider/endpoint-paths.ts'
import { MAX_LOGOUT_TOKEN } from '../../upstream/logout-token.ts'
import { type Upstream, UpstreamError } from '../../upstream/upstream.ts'
import { endedAccessEntries } from '../interaction/ended-access.ts'
import { parseFields } from '../interaction/fields.ts'
import type { PageContext } from '../interaction/page-context.ts'

export type UpstreamLogoutOptions = Pick<
  PageContext,
  'database' | 'config' | 'upstreams' | 'organizationUpstreams' | 'invalidate' | 'share' | 'now'
>

/** A logout token and nothing else. */
const BODY_LIMIT_BYTES = 2 * MAX_LOGOUT_TOKEN

/** Valid tokens of one organization's provider in a window: it could send any number, and each of them is remembered. */
const TOKENS_OF_ORGANIZATION = 1000

const LogoutPath = z.object({ name: boundedText({ max: 64 }) })
const LogoutForm = z.object({ logout_token: boundedText({ max: MAX_LOGOUT_TOKEN }) })

/** The signature of the provider is the authority: it ends what its own sign-ins began, and nothing else. */
const UPSTREAM_PROVIDER = systemAuthority('logout token of an upstream provider')

/**
 * Receives the logout tokens of upstream providers (OpenID Connect Back-Channel Logout §2.5–2.8). Each request counts for its
 * address before its body is read; one with a valid token is uncounted. The answer is the same with and without a session.
 */
export const upstreamLogout: FastifyPluginAsync<UpstreamLogoutOptions> = async (app, options) => {
  const { database, config, upstreams, organizationUpstreams, invalidate, share, now } = options
  const limitOf = createNamedAttemptLimits({ windowMs: config.FAILED_SIGN_INS_WINDOW, now, share })
  const refused = limitOf('upstream-logout-address', config.FAILED_SIGN_INS_ADDRESS_LIMIT)
  const ofOrganizations = limitOf('upstream-logout-organization', TOKENS_OF_ORGANIZATION)

  app.removeAllContentTypeParsers()
  acceptForms(app)

  async function takeAttempt({ ip }: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.header('cache-control', 'no-store')
    const waitSeconds = await refused.take(networkOf(ip))
    if (waitSeconds !== undefined) throw tooManyRequests('too many logout requests of an address', waitSeconds)
  }

  app.post(
    UPSTREAM_LOGOUT,
    { bodyLimit: BODY_LIMIT_BYTES, onRequest: takeAttempt },
    async (request, reply): Promise<FastifyReply> => {
      const upstream = await findUpstream(parseFields(LogoutPath, request.params).name)
      const { data } = LogoutForm.safeParse(request.body)
      if (!data) return sendInvalid(request, reply, 'logout_token is missing, repeated or too long')
      const logout = await readToken(upstream, data.logout_token)
      if (logout instanceof UpstreamError) return sendInvalid(request, reply, logout.message)
      if (logout.organizationId !== undefined) {
        const waitSeconds = await ofOrganizations.take(logout.organizationId)
        if (waitSeconds !== undefined) throw tooManyRequests('too many logout tokens of a provider', waitSeconds)
      }
      const ended = await end(logout, request)
      if (!ended) return sendInvalid(request, reply, 'logout token was used before')
      refused.giveBack(networkOf(request.ip))
      request.log.info({ upstream: upstream.name, sessions: ended.length }, 'upstream logout')
      return reply.code(200).send()
    },
  )

  async function findUpstream(name: string): Promise<Upstream> {
    // Names of the deployment's providers have no underscore.
    const upstream = isId('org', name) ? await organizationUpstreams.ofOrganization(name) : upstreams.get(name)
    if (!upstream?.readLogoutToken) throw new Denial(404, 'Not found', { cause: 'no such upstream provider' })
    return upstream
  }

  async function readToken(upstream: Upstream, token: string): Promise<UpstreamLogout | UpstreamError> {
    try {
      return (await upstream.readLogoutToken?.(token)) ?? new UpstreamError('invalid', 'no logout tokens are accepted')
    } catch (error) {
      if (error instanceof UpstreamError) return error
      throw error
    }
  }

  /** Undefined for a token that was used before. */
  async function end(
    logout: UpstreamLogout,
    request: FastifyRequest,
  ): Promise<readonly EndedUpstreamSession[] | undefined> {
    const actor: AuditActor = {
      actorId: null,
      actorEmail: null,
      ipAddress: request.ip,
      userAgent: userAgentOf(request.headers),
      source: 'provider',
    }
    const ended = await inAudit<readonly EndedUpstreamSession[] | undefined>(
      database,
      UPSTREAM_PROVIDER,
      (sessions = []) => sessions.flatMap((session) => entriesOf(session, actor, logout.issuer)),
      (tx) => endUpstreamSessions(tx, logout),
    )
    for (const { grants, keys } of ended ?? []) {
      for (const { id } of grants) invalidate({ kind: 'grant', id })
      for (const { id } of keys) invalidate({ kind: 'key', id })
    }
    return ended
  }
}

function entriesOf(session: EndedUpstreamSession, actor: AuditActor, issuer: string): AuditEntry[] {
  const { uid, account, grants, keys } = session
  const organizationId = account.personalOrganizationId
  return [
    auditEntry('session.end_by_provider', {
      ...actor,
      organizationId,
      targetId: uid,
      statusCode: 200,
      metadata: { issuer, endedGrants: grants.length, endedKeys: keys.length },
    }),
    ...endedAccessEntries(actor, organizationId, session, `session.end_by_provider ${uid}`),
  ]
}

/** Sends the error of §2.8. */
function sendInvalid({ raw }: FastifyRequest, reply: FastifyReply, description: string): FastifyReply {
  noteDenial(raw, description)
  return reply.code(400).send({ error: 'invalid_request', error_description: description })
}
