import type { Database } from '@daytona-auth/db/core'
import { consumeArtifact, type NewArtifact, redeemArtifact } from '@daytona-auth/db/grants'
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
   * Consumes and writes the succeeding refresh token.
   * @throws InvalidGrant for the losing request or a revoked grant
   */
  complete(successor: NewArtifact): Promise<void>
  /** Runs after every request: consumes what was begun, even if the request failed in between. */
  settle(ctx: KoaContextWithOIDC): Promise<void>
}

export function createRedemption(database: Database, grants: GrantRevocation): Redemption {
  async function redeem(source: RedemptionSource, successor?: NewArtifact, ctx = Provider.ctx): Promise<void> {
    requestContext(ctx).pending = undefined
    if (await redeemArtifact(database, source.key, source.grantId, successor)) return
    // A code used twice was copied, and the thief's request may be either one (RFC 6749 §4.1.2). So the grant is
    // revoked. A refresh token used twice at the same moment comes from two tabs. If the code was unused, its user was
    // disabled: the code is consumed.
    if (source.key.model !== 'RefreshToken' && !(await consumeArtifact(database, source.key, source.grantId)))
      await grants.revoke(source.grantId, 'code replayed', ctx)
    throw new errors.InvalidGrant(`${source.key.model} was redeemed by another request, or its grant has ended`)
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
