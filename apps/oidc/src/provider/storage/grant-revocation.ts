import type { Verifier } from '@daytona-auth/auth'
import { endedKeyEntries } from '@daytona-auth/db/api-keys'
import { type AuditActor, type AuditEntry, auditEntry, inAudit, systemAuthority } from '@daytona-auth/db/audit'
import type { Database } from '@daytona-auth/db/core'
import {
  type EndedAccess,
  endClientInSession,
  endSession,
  type RevokedGrant,
  revokeGrant,
} from '@daytona-auth/db/grants'
import { userAgentOf } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'
import Provider, { type KoaContextWithOIDC } from 'oidc-provider'
import { requestContext } from '../request-context.ts'

/** The authority to end access: signing out, revoking, a replayed code. It does not require a live session or user. */
const ENDING_ACCESS = systemAuthority('ending access')

export type RevocationReason =
  | 'code replayed'
  | 'refresh token reused'
  | 'revoked by the app'
  | 'signed out'
  | 'revoked'

export interface GrantRevocation {
  /** Revokes a grant and everything issued under it. Idempotent. */
  revoke(grantId: string, reason?: RevocationReason, ctx?: KoaContextWithOIDC): Promise<void>
  /** Ends a browser session and every grant made in it, except those that outlive it. */
  endSession(uid: string): Promise<void>
  /** Ends every grant of a client in a browser session; the session continues. */
  endClientInSession(uid: string, clientId: string): Promise<void>
}

export interface GrantRevocationOptions {
  readonly database: Database
  readonly logger: Pick<FastifyBaseLogger, 'info' | 'warn'>
  /** Called after the commit and before the response, so that this process already refuses the grant's tokens. */
  readonly invalidate: Verifier['invalidate']
  /** Called with the number of grants ended; 0 if they had already ended. */
  readonly onRevoked: (reason: RevocationReason, grants: number) => void
}

/**
 * Revokes grants: the only code in this app that does. Each one gets an entry in the audit trail of the user's personal
 * organization. API keys created with a grant end with it, with an entry in every organization they could act in. The
 * library calls this once for each token model; a request revokes a grant once.
 */
export function createGrantRevocation({
  database,
  logger,
  invalidate,
  onRevoked,
}: GrantRevocationOptions): GrantRevocation {
  async function end(
    reason: RevocationReason,
    ctx: KoaContextWithOIDC | undefined,
    change: (tx: Parameters<typeof revokeGrant>[0]) => Promise<EndedAccess>,
  ): Promise<void> {
    const { grants, keys } = await inAudit(database, ENDING_ACCESS, (ended) => entriesOf(ended, reason, ctx), change)
    onRevoked(reason, grants.length)
    for (const { id } of keys) invalidate({ kind: 'key', id })
    for (const { id, clientId } of grants) {
      invalidate({ kind: 'grant', id })
      // A replay deserves attention: a code or token was copied, or an app loses its own.
      const level = isReplay(reason) ? 'warn' : 'info'
      logger[level]({ grantId: id, clientId, reason, keys: keys.length }, 'grant revoked')
    }
  }

  return {
    async revoke(grantId, reason = reasonOf(Provider.ctx), ctx = Provider.ctx) {
      // At a sign-out the library revokes the last grant of each app, including one that outlives the session.
      // `endSession` and `endClientInSession` end the right ones.
      if (ctx?.oidc?.route === 'end_session_confirm') return
      const { revocations } = requestContext(ctx)
      const inFlight = revocations.get(grantId)
      if (inFlight) return inFlight
      const revocation = end(reason, ctx, (tx) => revokeGrant(tx, grantId, reason))
      revocations.set(grantId, revocation)
      return revocation
    },
    endSession: (uid) => end('signed out', Provider.ctx, (tx) => endSession(tx, uid, 'signed out')),
    endClientInSession: (uid, clientId) =>
      end('signed out', Provider.ctx, (tx) => endClientInSession(tx, uid, clientId, 'signed out')),
  }
}

/** Derives the reason from the library's route, because the library passes none. */
function reasonOf(ctx: KoaContextWithOIDC | undefined): RevocationReason {
  switch (ctx?.oidc.route) {
    case 'token':
      return ctx.oidc.params?.['grant_type'] === 'refresh_token' ? 'refresh token reused' : 'code replayed'
    case 'revocation':
      return 'revoked by the app'
    default:
      return 'revoked'
  }
}

function entriesOf(
  { grants, keys }: EndedAccess,
  reason: RevocationReason,
  ctx: KoaContextWithOIDC | undefined,
): AuditEntry[] {
  const [first] = grants
  if (first === undefined) return []
  const endedBy = grants.map(({ id }) => `grant.revoke ${id}`).join(', ')
  return [
    ...grants.flatMap((grant) => grantEntries(actorOf(grant, reason, ctx), grant, reason)),
    ...endedKeyEntries(actorOf(first, reason, ctx), keys, { endedBy, reason }),
  ]
}

/** Returns the actor of the audit entry. A replay may be the thief's act, so its entry names no user. */
const actorOf = (
  { userId, email }: RevokedGrant,
  reason: RevocationReason,
  ctx: KoaContextWithOIDC | undefined,
): AuditActor => ({
  actorId: isReplay(reason) ? null : userId,
  actorEmail: isReplay(reason) ? null : email,
  ipAddress: ctx?.ip ?? null,
  userAgent: ctx ? userAgentOf(ctx.headers) : null,
  source: 'provider',
})

/** Returns no entry for a grant without an organization, which has no audit trail. */
const grantEntries = (
  actor: AuditActor,
  { id, clientId, organizationId }: RevokedGrant,
  reason: RevocationReason,
): AuditEntry[] =>
  organizationId === null
    ? []
    : [
        auditEntry('grant.revoke', {
          ...actor,
          organizationId,
          targetId: id,
          metadata: { clientId, reason },
        }),
      ]

const isReplay = (reason: RevocationReason): boolean => reason === 'code replayed' || reason === 'refresh token reused'
