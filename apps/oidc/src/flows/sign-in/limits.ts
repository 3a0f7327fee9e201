import { networkOf } from '@daytona-auth/service'
import { namedAttemptLimits, type ShareAttempts } from './shared-attempts.ts'

export interface SignInLimits {
  /** Takes a slot for one attempt to sign in as `email` from `address`. */
  signIn(email: string, address: string): Promise<SignInSlot>
  /** Takes a slot for one attempt to sign up from `address`: the seconds to wait, or undefined. */
  signUp(address: string): Promise<number | undefined>
}

export type SignInSlot =
  | { readonly allowed: false; readonly retryAfterSeconds: number }
  | {
      readonly allowed: true
      /** The failures of this pair are forgotten; those of the address for other accounts are not. */
      succeeded(): void
      undecided(): void
    }

export interface SignInLimitsOptions {
  readonly windowMs: number
  /** Failures for one account from one address. */
  readonly perPair: number
  /** Failures from one address, whatever the account: one password tried on many. */
  readonly perAddress: number
  readonly signUpsPerAddress: number
  readonly now: () => number
  /** Without it, this process counts alone. */
  readonly share?: ShareAttempts | undefined
}

/**
 * What a guesser may try. Counted for the pair of account and address, so that nobody is locked out of an account by
 * somebody elsewhere, and by what was typed, so that an address without an account is treated as one with.
 */
export function signInLimits({
  windowMs,
  perPair,
  perAddress,
  signUpsPerAddress,
  now,
  share,
}: SignInLimitsOptions): SignInLimits {
  const limitOf = namedAttemptLimits({ windowMs, now, share })
  const pairs = limitOf('sign-in', perPair)
  const addresses = limitOf('sign-in-address', perAddress)
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
  }
}
