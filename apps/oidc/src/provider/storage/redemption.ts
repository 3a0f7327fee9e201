import type { Database } from '@daytona-auth/db/core'
import { confirmSuccessor, consumeArtifact, type NewArtifact, redeemArtifact } from '@daytona-auth/db/grants'
import Provider, { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { issuesRefreshToken } from '../policy/policy.ts'
import { type RedemptionSource, requestContext } from '../request-context.ts'
import type { GrantRevocation } from './grant-revocation.ts'

/**
 * Redeems a code or refresh token once. oidc-provider consumes it first and writes the succeeding refresh token later,
 * so two concurrent requests could both succeed. Here consumption waits for the successor, and one statement writes
 * both. The database lets one request win.
 */
export interface Redemption {
  /**
   * Handles the library's `consume`: immediately if no refresh token follows.
   * @throws InvalidGrant for the losing request
   */
  begin(): Promise<void>
  /**
   * Consumes and writes the succeeding refresh token. Of a refresh token that was rotated within the grace, the existing
   * successor is confirmed instead.
   * @throws InvalidGrant for the losing request with a code, a successor that was used, or a revoked grant
   */
  complete(successor: NewArtifact): Promise<void>
  /** Runs after every request: consumes what was begun, even if the request failed in between. */
  settle(ctx: KoaContextWithOIDC): Promise<void>
}

export interface RedemptionOptions {
  readonly database: Database
  readonly grants: Pick<GrantRevocation, 'revoke'>
  readonly refreshReuseGraceMs: number
}

export function createRedemption({ database, grants, refreshReuseGraceMs }: RedemptionOptions): Redemption {
  async function redeem(source: RedemptionSource, successor?: NewArtifact, ctx = Provider.ctx): Promise<void> {
    requestContext(ctx).pending = undefined
    const { key, grantId, isRepeated } = source
    if (!isRepeated && (await redeemArtifact(database, key, grantId, successor))) return
    if (key.model === 'RefreshToken') {
      // Two tabs, or a lost response. The statement has its own snapshot, so it finds what a concurrent request wrote.
      const rotated = successor && { key, grantId, successor: successor.digest }
      if (rotated && (await confirmSuccessor(database, rotated, refreshReuseGraceMs / 1000))) return
    }
    // A code used twice was copied, and the thief's request may be either one (RFC 6749 §4.1.2). So the grant is
    // revoked. If the code was unused, its user was disabled: the code is consumed.
    else if (!(await consumeArtifact(database, key, grantId))) await grants.revoke(grantId, 'code replayed', ctx)
    throw new errors.InvalidGrant(`${key.model} was redeemed by another request, or its grant has ended`)
  }

  return {
    async begin() {
      const state = requestContext()
      const { source } = state
      if (!source) throw new Error('nothing to consume was found in this request')
      const client = Provider.ctx?.oidc.client
      const isSucceeded = source.key.model === 'RefreshToken' || (client && issuesRefreshToken(client, source.scopes))
      if (isSucceeded) state.pending = source
      else await redeem(source)
    },
    async complete(successor) {
      const { pending } = requestContext()
      if (!pending) throw new Error('a refresh token needs a redemption that it succeeds')
      await redeem(pending, successor)
    },
    async settle(ctx) {
      const { pending } = requestContext(ctx)
      if (pending) await redeem(pending, undefined, ctx)
    },
  }
}
