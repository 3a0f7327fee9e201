import { networkOf } from '@daytona-auth/service'
import type { AttemptLimit } from './attempt-limit.ts'
import { createNamedAttemptLimits, type ShareAttempts } from './shared-attempts.ts'

export interface SignInLimits {
  /**
   * Takes a slot for one attempt to sign in as `email` from `address`. `knownBrowser`: the id of a browser in which that
   * account has signed in before; then the attempt counts for the browser alone.
   */
  signIn(email: string, address: string, knownBrowser?: string): Promise<SignInSlot>
  /**
   * Takes a slot for one attempt to sign in with a passkey from `address`: it names no account. Passkeys cannot be guessed, so
   * guesses of passwords do not count, and many people may share the address.
   */
  passkey(address: string): Promise<SignInSlot>
  /** Takes a slot for one attempt to sign up from `address`. Returns the seconds to wait, or undefined. */
  signUp(address: string): Promise<number | undefined>
  /** Takes a slot for one answer of an upstream provider to a sign-in from `address`. */
  upstream(address: string): Promise<UpstreamSlot>
  /** Takes a slot for one request that an organization approve an app. Returns the seconds to wait, or undefined. */
  appRequest(userId: string): Promise<number | undefined>
  /** Takes a slot for the mails about one such request of a member to the owners. Returns the seconds to wait, or undefined. */
  appRequestMail(organizationId: string, userId: string): Promise<number | undefined>
  /** Takes a slot for one request to recover the account of `email` from `address`. Returns the seconds to wait. */
  recovery(email: string, address: string): Promise<number | undefined>
}

export type SignInSlot =
  | { readonly allowed: false; readonly retryAfterSeconds: number }
  | {
      readonly allowed: true
      /** Resets the failures of this pair or browser, but not those of others at the address or for the account. */
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
  /** Failures for one account from any address, in browsers that it has not signed in with. */
  readonly perAccount: number
  readonly signUpsPerAddress: number
  readonly now: () => number
  /** Without it, each process counts separately. */
  readonly share?: ShareAttempts | undefined
}

/** Of one user. */
const APP_REQUESTS = 20
/** Mailed to the owners of one organization in a day: about requests of one member, and of all. */
const APP_REQUEST_MAILS = { perMember: 5, perOrganization: 20 }
const DAY_MS = 24 * 60 * 60 * 1000

/**
 * Limits password guessing. Attempts count for the pair of account and address, for the address and for the account. Neither
 * a guesser elsewhere nor one behind the same address locks a user out of a known browser, whose attempts count for it alone.
 * They count by the entered e-mail address, so that one without an account is treated like one with an account.
 */
export function createSignInLimits({
  windowMs,
  perPair,
  perAddress,
  perAccount,
  signUpsPerAddress,
  now,
  share,
}: SignInLimitsOptions): SignInLimits {
  const limitOf = createNamedAttemptLimits({ windowMs, now, share })
  const pairs = limitOf('sign-in', perPair)
  const addresses = limitOf('sign-in-address', perAddress)
  const accounts = limitOf('sign-in-account', perAccount)
  const browsers = limitOf('sign-in-browser', perPair)
  const recoveries = limitOf('recovery', perPair)
  const recoveryAddresses = limitOf('recovery-address', perAddress)
  const upstreams = limitOf('upstream-address', perAddress)
  const passkeys = limitOf('passkey-address', perAddress)
  const appRequests = limitOf('app-request', APP_REQUESTS)
  const dailyLimitOf = createNamedAttemptLimits({ windowMs: DAY_MS, now, share })
  const memberMails = dailyLimitOf('app-request-mail-member', APP_REQUEST_MAILS.perMember)
  const organizationMails = dailyLimitOf('app-request-mail', APP_REQUEST_MAILS.perOrganization)
  const signUps = limitOf('sign-up-address', signUpsPerAddress)

  return {
    async signIn(email, address, knownBrowser) {
      const account = email.slice(0, 320)
      if (knownBrowser !== undefined) return take([browsers, `${knownBrowser} ${account}`])
      const from = networkOf(address)
      return take([pairs, `${from} ${account}`], [addresses, from], [accounts, account])
    },
    async passkey(address) {
      const from = networkOf(address)
      const retryAfterSeconds = await passkeys.take(from)
      if (retryAfterSeconds !== undefined) return { allowed: false, retryAfterSeconds }
      const uncount = () => passkeys.giveBack(from)
      return { allowed: true, succeeded: uncount, undecided: uncount }
    },
    appRequest: (userId) => appRequests.take(userId),
    async appRequestMail(organizationId, userId) {
      const member = `${organizationId} ${userId}`
      const memberWait = await memberMails.take(member)
      if (memberWait !== undefined) return memberWait
      const wait = await organizationMails.take(organizationId)
      if (wait !== undefined) memberMails.giveBack(member)
      return wait
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

/** Takes a slot of each limit, or of none. A success resets the first, and uncounts the attempt in the others. */
async function take(...limits: readonly [Counter, ...Counter[]]): Promise<SignInSlot> {
  const taken: Counter[] = []
  const giveBack = () => {
    for (const [limit, key] of taken) limit.giveBack(key)
  }
  for (const [limit, key] of limits) {
    const retryAfterSeconds = await limit.take(key)
    if (retryAfterSeconds !== undefined) {
      giveBack()
      return { allowed: false, retryAfterSeconds }
    }
    taken.push([limit, key])
  }
  const [[first, firstKey], ...others] = limits
  return {
    allowed: true,
    succeeded() {
      first.reset(firstKey)
      for (const [limit, key] of others) limit.giveBack(key)
    },
    undecided: giveBack,
  }
}

type Counter = readonly [limit: AttemptLimit, key: string]
