import type { NewPasskey, Passkey } from '@daytona-auth/db/users'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import type { ProviderConfig } from '../../config.ts'
import type { Challenges } from './challenges.ts'

/** This service for authenticators (WebAuthn). Options and responses are the JSON that browsers read and write. */
export interface RelyingParty {
  /** Returns the options to create a passkey of an account. */
  registrationOptions(
    purpose: string,
    account: {
      readonly userId: string
      readonly email: string
      readonly name: string
      readonly passkeys: readonly Passkey[]
    },
  ): Promise<string>
  /** Returns a passkey that a browser has created; undefined if the response is not valid. */
  verifyRegistration(
    purpose: string,
    response: string,
  ): Promise<Pick<NewPasskey, 'id' | 'publicKey' | 'counter' | 'isSynchronized'> | undefined>
  /** Returns the options to sign in with any passkey of this service. */
  authenticationOptions(purpose: string): Promise<string>
  /** Returns the options to prove one of these passkeys after the password. */
  secondFactorOptions(purpose: string, passkeys: readonly Passkey[]): Promise<string>
  /** Returns the id of the credential that a response is of; undefined if it is none. */
  credentialIdOf(response: string): string | undefined
  /** Returns the counter of a valid signature; undefined for any other response. */
  verifyAuthentication(purpose: string, response: string, passkey: Passkey): Promise<number | undefined>
  /** The same after the password: possession is the second factor, so that the user need not be verified again. */
  verifySecondFactor(purpose: string, response: string, passkey: Passkey): Promise<number | undefined>
}

/** Longer than the ids that authenticators create. */
const MAX_ID = 1400

/** EdDSA, ES256 and RS256. The library's default asks Node.js for more, which warns of experimental ones. */
const ALGORITHMS = [-8, -7, -257]

/** The passkey verifies its user, by a fingerprint or PIN: it is both factors. */
const USER_VERIFICATION = 'required'

export function createRelyingParty(
  { ISSUER: issuer, BRAND_NAME: rpName }: Pick<ProviderConfig, 'BRAND_NAME' | 'ISSUER'>,
  challenges: Challenges,
): RelyingParty {
  const { origin, hostname: rpID } = new URL(issuer)

  async function verify(
    purpose: string,
    response: string,
    { id, publicKey, counter, userId }: Passkey,
    requireUserVerification: boolean,
  ): Promise<number | undefined> {
    const verified = await orUndefined(async () => {
      const given = JSON.parse(response)
      const userHandle = given?.response?.userHandle
      if (userHandle !== undefined && userHandle !== null && userHandle !== base64url(userId)) return undefined
      return verifyAuthenticationResponse({
        response: given,
        expectedChallenge: (challenge) => challenges.isValid(purpose, challenge),
        expectedOrigin: origin,
        expectedRPID: rpID,
        credential: { id, publicKey: new Uint8Array(publicKey), counter },
        requireUserVerification,
      })
    })
    return verified?.verified ? verified.authenticationInfo.newCounter : undefined
  }

  return {
    async registrationOptions(purpose, { userId, email, name, passkeys }) {
      const options = await generateRegistrationOptions({
        rpName,
        rpID,
        userID: new TextEncoder().encode(userId),
        userName: email,
        userDisplayName: name,
        challenge: challenges.issue(purpose),
        attestationType: 'none',
        supportedAlgorithmIDs: ALGORITHMS,
        excludeCredentials: passkeys.map(({ id }) => ({ id })),
        authenticatorSelection: { residentKey: 'required', userVerification: USER_VERIFICATION },
      })
      return JSON.stringify(options)
    },
    async verifyRegistration(purpose, response) {
      const verified = await orUndefined(() =>
        verifyRegistrationResponse({
          response: JSON.parse(response),
          expectedChallenge: (challenge) => challenges.isValid(purpose, challenge),
          expectedOrigin: origin,
          expectedRPID: rpID,
          requireUserVerification: true,
          supportedAlgorithmIDs: ALGORITHMS,
        }),
      )
      if (!verified?.verified) return undefined
      const { credential, credentialDeviceType } = verified.registrationInfo
      if (credential.id.length > MAX_ID) return undefined
      return {
        id: credential.id,
        publicKey: credential.publicKey,
        counter: credential.counter,
        isSynchronized: credentialDeviceType === 'multiDevice',
      }
    },
    async authenticationOptions(purpose) {
      const challenge = challenges.issue(purpose)
      return JSON.stringify(
        await generateAuthenticationOptions({ rpID, challenge, userVerification: USER_VERIFICATION }),
      )
    },
    async secondFactorOptions(purpose, passkeys) {
      return JSON.stringify(
        await generateAuthenticationOptions({
          rpID,
          challenge: challenges.issue(purpose),
          userVerification: 'discouraged',
          allowCredentials: passkeys.map(({ id }) => ({ id })),
        }),
      )
    },
    credentialIdOf(response) {
      try {
        const { id } = JSON.parse(response) as { readonly id?: unknown }
        return typeof id === 'string' && id.length <= MAX_ID && /^[\w-]+$/.test(id) ? id : undefined
      } catch {
        return undefined // not JSON, or no object
      }
    },
    verifyAuthentication: (purpose, response, passkey) => verify(purpose, response, passkey, true),
    verifySecondFactor: (purpose, response, passkey) => verify(purpose, response, passkey, false),
  }
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url')

/** The library throws for every response that is not valid, also for any JSON that is no response. */
async function orUndefined<Value>(verify: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await verify()
  } catch {
    return undefined
  }
}
