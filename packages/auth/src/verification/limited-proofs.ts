import type { GrantId } from '@daytona-auth/db/core'
import type { CheckProof } from '@daytona-auth/protocol/token-proof'
import { networkOf } from '@daytona-auth/service'
import type { LookUpLimiter } from '../limits/look-up-limiter.ts'
import { type CredentialDenial, denyCredential } from '../principal/result.ts'
import { within } from './database-reader.ts'

export interface LimitedProofsOptions {
  readonly check: CheckProof
  readonly limiter: LookUpLimiter
  /** How long a check may wait for others of the same grant and address, in milliseconds. */
  readonly timeoutMs: number
}

/** Checks the proof of a bound token. Returns why the request is refused, or undefined. Never rejects. */
export type DenyProof = (
  presented: Parameters<CheckProof>[0],
  token: string,
  bound: { readonly confirmation: string; readonly grantId: GrantId },
  address: string,
) => Promise<CredentialDenial | undefined>

/**
 * Limits the wrong proofs of a grant at an address, before the signature of the next is checked. The sender has the
 * token, but neither its owner at another address nor other tokens at the same one are limited.
 */
export const limitedProofs =
  ({ check, limiter, timeoutMs }: LimitedProofsOptions): DenyProof =>
  async (presented, token, { confirmation, grantId }, address) => {
    const waiting = Promise.resolve(limiter.acquire(`${networkOf(address)} ${grantId}`))
    const permit = await within(timeoutMs, waiting, () => void waiting.then((late) => late?.release(false))).catch(
      () => undefined,
    )
    if (!permit) return denyCredential('token', 'rate-limited', { retryAfterSeconds: 1 })
    const proofFault = await check(presented, token, confirmation).catch(() => 'damaged' as const)
    permit.release(proofFault !== undefined)
    return proofFault === undefined ? undefined : denyCredential('token', 'proof', { proofFault })
  }
