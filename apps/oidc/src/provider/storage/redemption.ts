import { consumeArtifact, type Database, type NewArtifact, redeemArtifact } from '@daytona-auth/db'
import Provider, { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { issuesRefreshToken } from '../policy/policy.ts'
import type { GrantRevocation } from './grant-revocation.ts'
import { type RedemptionSource, requestState } from './request-state.ts'

/**
 * The one use of a code or refresh token. oidc-provider consumes first and writes the refresh token that succeeds it
 * later; two requests with the same one could both get between. Here the consumption waits for the successor and both
 * are one statement, which the database lets one request win.
 */
export interface Redemption {
  /** The library says "consumed": done at once where no refresh token will follow. @throws InvalidGrant to the loser */
  begin(): Promise<void>
  /** The refresh token that follows. @throws InvalidGrant to the loser, and under a grant that is dead */
  complete(successor: NewArtifact): Promise<void>
  /** After the request, whatever became of it: what was begun is consumed, also when something failed in between. */
  settle(ctx: KoaContextWithOIDC): Promise<void>
}

export function redemption(database: Database, grants: GrantRevocation): Redemption {
  async function redeem(source: RedemptionSource, successor?: NewArtifact, ctx = Provider.ctx): Promise<void> {
    requestState(ctx).pending = undefined
    if (await redeemArtifact(database, source.key, source.grantId, successor)) return
    // A code used twice is in a second pair of hands, and nobody can tell which pair is the thief's (RFC 6749 §4.1.2).
    // A refresh token used twice at the same moment is two tabs. A code that was not used before
    // had its user disabled: it is used up.
    if (source.key.model !== 'RefreshToken' && !(await consumeArtifact(database, source.key, source.grantId)))
      await grants.kill(source.grantId, 'code replayed', ctx)
    throw new errors.InvalidGrant(`${source.key.model} was redeemed by another request, or its grant is dead`)
  }

  return {
    async begin() {
      const state = requestState()
      const { source } = state
      if (!source) throw new Error('consumed what was not found in this request')
      const client = Provider.ctx?.oidc.client
      const isSucceeded = source.key.model === 'RefreshToken' || (client && issuesRefreshToken(client, source.scopes))
      if (isSucceeded) state.pending = source
      else await redeem(source)
    },
    async complete(successor) {
      const { pending } = requestState()
      if (!pending) throw new Error('a refresh token succeeds nothing')
      await redeem(pending, successor)
    },
    async settle(ctx) {
      const { pending } = requestState(ctx)
      if (pending) await redeem(pending, undefined, ctx)
    },
  }
}
