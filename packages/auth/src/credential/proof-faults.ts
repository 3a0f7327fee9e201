import type { ProofFault } from '@daytona-auth/protocol/token-proof'

/**
 * What is wrong with the proof of a token's key, for the `error_description` of a 401 (RFC 9449 section 7.1). Fixed texts, as
 * those of the form of a credential.
 */
export const PROOF_FAULTS = {
  tokenIsBound: 'The access token is bound to a key. Send it after DPoP and a space, with a proof in the DPoP header',
  tokenIsNotBound: 'The credential is not bound to a key. Send it after Bearer and a space, without a proof',
  noProof: 'There is no DPoP header with a proof of the key',
  severalProofs: 'There are several DPoP headers. Send one',
  damaged: 'The proof is not a JWT of the type dpop+jwt, signed with the public key in its header',
  otherKey: 'The proof is signed with another key than the access token is bound to',
  otherRequest: 'The proof is of another request: htm is its method, htu its URL without query and fragment',
  otherToken: 'The proof is of another token: ath is the SHA-256 of the access token in base64url',
  otherTime: 'The proof is too old or of the future: iat is the time of the request',
  replayed: 'The proof was used before. Make one for each request',
} as const satisfies Record<ProofFault, string> & Record<string, string>

export type BindingFault = keyof typeof PROOF_FAULTS
