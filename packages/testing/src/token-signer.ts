import { randomUUID } from 'node:crypto'
import {
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
  type SignOptions,
} from 'jose'

/** A key pair of an issuer, which signs access tokens. */
export interface TokenSigner {
  readonly kid: string
  readonly alg: string
  readonly publicKey: CryptoKey
  readonly publicJwk: Readonly<JWK>
  readonly privateKey: CryptoKey
  /** Signs a token with the header of our access tokens, changed by `header`, with this key or with another. */
  sign(
    payload: JWTPayload,
    header?: Partial<JWTHeaderParameters>,
    options?: SignOptions & { readonly key?: CryptoKey | Uint8Array },
  ): Promise<string>
}

/** Generates the key pair of a signer. Its rows are inserted by `peopleOf(database).signingKey`. */
export async function tokenSigner(
  alg: 'ES256' | 'RS256' | 'EdDSA' = 'ES256',
  kid: string = randomUUID(),
): Promise<TokenSigner> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return {
    kid,
    alg,
    publicKey,
    publicJwk: await exportJWK(publicKey),
    privateKey,
    sign: (payload, header = {}, { key = privateKey, ...options } = {}) =>
      new SignJWT(payload).setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header }).sign(key, options),
  }
}
