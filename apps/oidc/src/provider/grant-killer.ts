import {
  type AuditEntry,
  type Database,
  endSession,
  type GrantId,
  inAudit,
  type KilledGrant,
  revokeGrant,
} from '@daytona-auth/db'
import type { FastifyBaseLogger } from 'fastify'
import Provider, { type KoaContextWithOIDC } from 'oidc-provider'
import { requestState } from './request-state.ts'

export type KillReason = 'code replayed' | 'refresh token reused' | 'revoked by the app' | 'signed out' | 'revoked'

export interface GrantKiller {
  /** Ends a grant for good, with everything issued under it. No harm in doing so twice. */
  kill(grantId: string, reason?: KillReason, ctx?: KoaContextWithOIDC): Promise<void>
  /** Ends a browser session and every grant made in it. */
  endSession(uid: string): Promise<void>
}

export interface GrantKillerOptions {
  readonly database: Database
  readonly logger: Pick<FastifyBaseLogger, 'info' | 'warn'>
  /** Told after the commit and before the answer, so that this process refuses the grant's tokens by then. */
  readonly forget: (grantId: GrantId) => void
}

/**
 * The one door through which grants die, each with its line in the audit trail of the person's own organization. The
 * library asks once for each model of token; a request kills a grant once.
 */
export function grantKiller({ database, logger, forget }: GrantKillerOptions): GrantKiller {
  function tell({ id, clientId }: KilledGrant, reason: KillReason): void {
    forget(id)
    // A replay is worth a look: a code or token was in a second pair of hands, or an app does not keep its own.
    const level = isReplay(reason) ? 'warn' : 'info'
    logger[level]({ grantId: id, clientId, reason }, 'grant killed')
  }

  return {
    kill(grantId, reason = reasonOf(Provider.ctx), ctx = Provider.ctx) {
      const { killings } = requestState(ctx)
      const underWay = killings.get(grantId)
      if (underWay) return underWay
      const killing = inAudit<KilledGrant | undefined>(
        database,
        (killed) => (killed ? entriesOf(killed, reason, ctx) : []),
        (tx) => revokeGrant(tx, grantId, reason),
      ).then((killed) => killed && tell(killed, reason))
      killings.set(grantId, killing)
      return killing
    },
    async endSession(uid) {
      const ended = await inAudit<KilledGrant[]>(
        database,
        (killed) => killed.flatMap((grant) => entriesOf(grant, 'signed out', Provider.ctx)),
        (tx) => endSession(tx, uid, 'signed out'),
      )
      for (const grant of ended) tell(grant, 'signed out')
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

/** None where there is no trail to tell it in. */
function entriesOf(grant: KilledGrant, reason: KillReason, ctx: KoaContextWithOIDC | undefined): AuditEntry[] {
  const { organizationId } = grant
  if (organizationId === null) return []
  // A replay is the act of whoever held the stolen copy: the trail names nobody for it.
  const isStranger = isReplay(reason)
  return [
    {
      organizationId,
      actorId: isStranger ? null : grant.userId,
      actorEmail: isStranger ? null : grant.email,
      action: 'grant.revoke',
      targetType: 'grant',
      targetId: grant.id,
      ipAddress: ctx?.ip ?? null,
      userAgent: ctx?.get('user-agent') || null,
      source: 'provider',
      metadata: { clientId: grant.clientId, reason },
    },
  ]
}

const isReplay = (reason: KillReason): boolean => reason === 'code replayed' || reason === 'refresh token reused'
