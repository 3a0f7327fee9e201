import type { Verifier } from '@daytona-auth/auth'
import {
  type AuditActor,
  type AuditEntry,
  type Database,
  type EndedAccess,
  endClientInSession,
  endedKeyEntries,
  endSession,
  inAudit,
  type RevokedGrant,
  revokeGrant,
} from '@daytona-auth/db'
import type { FastifyBaseLogger } from 'fastify'
import Provider, { type KoaContextWithOIDC } from 'oidc-provider'
import { ENDING_ACCESS } from '../../flows/interaction/step-authority.ts'
import { requestState } from './request-state.ts'

export type RevocationReason =
  | 'code replayed'
  | 'refresh token reused'
  | 'revoked by the app'
  | 'signed out'
  | 'revoked'

export interface GrantRevocation {
  /** Ends a grant for good, with everything issued under it. No harm in doing so twice. */
  kill(grantId: string, reason?: RevocationReason, ctx?: KoaContextWithOIDC): Promise<void>
  /** Ends a browser session and every grant made in it, but for those that outlive it. */
  endSession(uid: string): Promise<void>
  /** Ends every grant that a client got in a browser session, which goes on. */
  endClientInSession(uid: string, clientId: string): Promise<void>
}

export interface GrantRevocationOptions {
  readonly database: Database
  readonly logger: Pick<FastifyBaseLogger, 'info' | 'warn'>
  /** Told after the commit and before the answer, so that this process refuses the grant's tokens by then. */
  readonly invalidate: Verifier['invalidate']
  /** Told how many grants an end concerned: none where they were ended before. */
  readonly onRevoked: (reason: RevocationReason, grants: number) => void
}

/**
 * The one door through which grants die, each with its line in the audit trail of the person's own organization, and
 * the API keys that were made with it, each with its line wherever it could act. The library asks once for each model of
 * token; a request kills a grant once.
 */
export function grantRevocation({ database, logger, invalidate, onRevoked }: GrantRevocationOptions): GrantRevocation {
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
      // A replay is worth a look: a code or token was in a second pair of hands, or an app does not keep its own.
      const level = isReplay(reason) ? 'warn' : 'info'
      logger[level]({ grantId: id, clientId, reason, keys: keys.length }, 'grant killed')
    }
  }

  return {
    async kill(grantId, reason = reasonOf(Provider.ctx), ctx = Provider.ctx) {
      // At a sign-out the library revokes the last grant of each app, also one that outlives the session. `endSession` and
      // `endClientInSession` end those that do not.
      if (ctx?.oidc?.route === 'end_session_confirm') return
      const { killings } = requestState(ctx)
      const underWay = killings.get(grantId)
      if (underWay) return underWay
      const killing = end(reason, ctx, (tx) => revokeGrant(tx, grantId, reason))
      killings.set(grantId, killing)
      return killing
    },
    endSession: (uid) => end('signed out', Provider.ctx, (tx) => endSession(tx, uid, 'signed out')),
    endClientInSession: (uid, clientId) =>
      end('signed out', Provider.ctx, (tx) => endClientInSession(tx, uid, clientId, 'signed out')),
  }
}

/** What the library is doing when it asks for a grant's end; it gives no reason itself. */
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

/** A replay is the act of whoever held the stolen copy: the trail names nobody for it. */
const actorOf = (
  { userId, email }: RevokedGrant,
  reason: RevocationReason,
  ctx: KoaContextWithOIDC | undefined,
): AuditActor => ({
  actorId: isReplay(reason) ? null : userId,
  actorEmail: isReplay(reason) ? null : email,
  ipAddress: ctx?.ip ?? null,
  userAgent: ctx?.get('user-agent').slice(0, 512) || null,
  source: 'provider',
})

/** None where there is no trail to tell it in. */
const grantEntries = (
  actor: AuditActor,
  { id, clientId, organizationId }: RevokedGrant,
  reason: RevocationReason,
): AuditEntry[] =>
  organizationId === null
    ? []
    : [
        {
          ...actor,
          organizationId,
          action: 'grant.revoke',
          targetType: 'grant',
          targetId: id,
          metadata: { clientId, reason },
        },
      ]

const isReplay = (reason: RevocationReason): boolean => reason === 'code replayed' || reason === 'refresh token reused'
