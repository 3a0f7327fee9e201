import { type AuditEntry, type Database, endSession, inAudit, type KilledGrant, revokeGrant } from '@daytona-auth/db'
import Provider, { type KoaContextWithOIDC } from 'oidc-provider'
import { requestState } from './request-state.ts'

export type KillReason = 'code replayed' | 'refresh token reused' | 'revoked by the app' | 'signed out' | 'revoked'

export interface GrantKiller {
  /** Ends a grant for good, with everything issued under it. No harm in doing so twice. */
  kill(grantId: string, reason?: KillReason, ctx?: KoaContextWithOIDC): Promise<void>
  /** Ends a browser session and every grant made in it. */
  endSession(uid: string): Promise<void>
}

/**
 * The one door through which grants die, each with its line in the audit trail of the person's own organization. The
 * library asks once for each model of token; a request kills a grant once.
 */
export function grantKiller(database: Database): GrantKiller {
  return {
    kill(grantId, reason = reasonOf(Provider.ctx), ctx = Provider.ctx) {
      const { killings } = requestState(ctx)
      const underWay = killings.get(grantId)
      if (underWay) return underWay
      const killing = inAudit<KilledGrant | undefined>(
        database,
        (killed) => (killed ? [entryOf(killed, reason, ctx)] : []),
        (tx) => revokeGrant(tx, grantId, reason),
      ).then(() => {})
      killings.set(grantId, killing)
      return killing
    },
    async endSession(uid) {
      await inAudit<KilledGrant[]>(
        database,
        (killed) => killed.map((grant) => entryOf(grant, 'signed out', Provider.ctx)),
        (tx) => endSession(tx, uid, 'signed out'),
      )
    },
  }
}

/** What the library is doing when it asks for a grant's end; it gives no reason itself. */
function reasonOf(ctx: KoaContextWithOIDC | undefined): KillReason {
  switch (ctx?.oidc.route) {
    case 'token':
      return ctx.oidc.params?.['grant_type'] === 'refresh_token' ? 'refresh token reused' : 'code replayed'
    case 'revocation':
      return 'revoked by the app'
    case 'end_session_confirm':
      return 'signed out'
    default:
      return 'revoked'
  }
}

function entryOf(grant: KilledGrant, reason: KillReason, ctx: KoaContextWithOIDC | undefined): AuditEntry {
  // A replay is the act of whoever held the stolen copy: the trail names nobody for it.
  const isStranger = reason === 'code replayed' || reason === 'refresh token reused'
  return {
    organizationId: grant.organizationId,
    actorId: isStranger ? null : grant.userId,
    actorEmail: isStranger ? null : grant.email,
    action: 'grant.revoke',
    targetType: 'grant',
    targetId: grant.id,
    ipAddress: ctx?.ip ?? null,
    userAgent: ctx?.get('user-agent') || null,
    source: 'provider',
    metadata: { clientId: grant.clientId, reason },
  }
}
