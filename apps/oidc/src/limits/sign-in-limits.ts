import { networkOf } from '@daytona-auth/service'
import { createNamedAttemptLimits, type ShareAttempts } from './shared-attempts.ts'

export interface SignInLimits {
  /** Takes a slot for one attempt to sign in as `email` from `address`. */
  signIn(email: string, address: string): Promise<SignInSlot>
  /** Takes a slot for one attempt to sign up from `address`. Returns the seconds to wait, or undefined. */
  signUp(address: string): Promise<number | undefined>
  /** Takes a slot for one answer of an upstream provider to a sign-in from `address`. */
  upstream(address: string): Promise<UpstreamSlot>
  /** Takes a slot for one request to recover the account of `email` from `address`. Returns the seconds to wait. */
  recovery(email: string, address: string): Promise<number | undefined>
}

export type SignInSlot =
  | { readonly allowed: false; readonly retryAfterSeconds: number }
  | {
      readonly allowed: true
      /** Resets the failures of this pair, but not those of the address for other accounts. */
      succeeded(): void
      /** Uncounts the attempt, because a server error prevented a result. */
      undecided(): void
    }

export type UpstreamSlot =
  | { readonly allowed: false; readonly retryAfterSeconds: number }
  /** `succeeded` uncounts the attempt. */
  | { readonly allowed: true; succeeded(): void }

export interface SignInLimitsOptions {
  readonly windowMs: number
  /** Failures for one account from one address; also its requests for recovery. */
  readonly perPair: number
  /** Failures from one address for any account: one password tried on many. Also its requests for recovery. */
  readonly perAddress: number
  readonly signUpsPerAddress: number
  readonly now: () => number
  /** Without it, each process counts separately. */
  readonly share?: ShareAttempts | undefined
}

/**
 * Limits password guessing. Attempts count for the pair of account and address, so that an attacker cannot lock a user
 * out. They count by the entered e-mail address, so that one without an account is treated like one with an account.
 */
export function createSignInLimits({
  windowMs,
  perPair,
  perAddress,
  signUpsPerAddress,
  now,
  share,
}: SignInLimitsOptions): SignInLimits {
  const limitOf = createNamedAttemptLimits({ windowMs, now, share })
  const pairs = limitOf('sign-in', perPair)
  const addresses = limitOf('sign-in-address', perAddress)
  const recoveries = limitOf('recovery', perPair)
  const recoveryAddresses = limitOf('recovery-address', perAddress)
  const upstreams = limitOf('upstream-address', perAddress)
  const signUps = limitOf('sign-up-address', signUpsPerAddress)

  return {
    async signIn(email, address) {
      const from = networkOf(address)
      const pair = `${from} ${email.slice(0, 320)}`
      const pairWait = await pairs.take(pair)
      if (pairWait !== undefined) return { allowed: false, retryAfterSeconds: pairWait }
      const addressWait = await addresses.take(from)
      if (addressWait !== undefined) {
        pairs.giveBack(pair)
        return { allowed: false, retryAfterSeconds: addressWait }
      }
      return {
        allowed: true,
        succeeded() {
          pairs.reset(pair)
          addresses.giveBack(from)
        },
        undecided() {
          pairs.giveBack(pair)
          addresses.giveBack(from)
        },
      }
    },
    signUp: async (address) => signUps.take(networkOf(address)),
    async upstream(address) {
      const from = networkOf(address)
      const retryAfterSeconds = await upstreams.take(from)
      if (retryAfterSeconds !== undefined) return { allowed: false, retryAfterSeconds }
      return { allowed: true, succeeded: () => upstreams.giveBack(from) }
    },
    async recovery(email, address) {
      const from = networkOf(address)
      const pair = `${from} ${email.slice(0, 320)}`
      const pairWait = await recoveries.take(pair)
      if (pairWait !== undefined) return pairWait
      const addressWait = await recoveryAddresses.take(from)
      if (addressWait !== undefined) recoveries.giveBack(pair)
      return addressWait
    },
  }
}
