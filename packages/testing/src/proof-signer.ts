import { createHash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose'

/** A key pair of a client that binds its tokens to a key (RFC 9449). */
export interface ProofSigner {
  /** The thumbprint that tokens are bound to. */
  readonly thumbprint: string
  /** Makes the proof of a request. The members of `changes` replace or, if undefined, remove claims; `header` changes the header. */
  proof(
    method: string,
    url: string,
    token?: string,
    changes?: Readonly<Record<string, unknown>>,
    header?: { readonly [Name in keyof JWTHeaderParameters]?: JWTHeaderParameters[Name] | undefined },
  ): Promise<string>
}

/** Generates the key pair of a client. */
export async function proofSigner(alg: 'ES256' | 'Ed25519' | 'RS256' = 'ES256'): Promise<ProofSigner> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(publicKey)
  return {
    thumbprint: await calculateJwkThumbprint(jwk),
    proof: (htm, htu, token, changes = {}, header = {}) =>
      new SignJWT({
        jti: randomUUID(),
        htm,
        htu,
        iat: Math.floor(Date.now() / 1000),
        ...(token !== undefined && { ath: createHash('sha256').update(token).digest('base64url') }),
        ...changes,
      })
        .setProtectedHeader({ typ: 'dpop+jwt', alg, jwk, ...header } as JWTHeaderParameters) // invalid ones are tested
        .sign(privateKey),
  }
}
