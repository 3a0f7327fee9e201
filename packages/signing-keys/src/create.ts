import type { NewSigningKey } from '@daytona-auth/db/signing-keys'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import type { KeyWrapping } from './wrap.ts'

/** id_tokens are RS256 (required by OIDC Core §15.1), access tokens ES256 unless configured: one key for each. */
export const SIGNING_ALGORITHMS = ['ES256', 'RS256'] as const

/** Creates a key for each algorithm, with its private key encrypted. An RSA key takes a good part of a second. */
export const makeSigningKeys = (wrapping: KeyWrapping): Promise<NewSigningKey[]> =>
  Promise.all(SIGNING_ALGORITHMS.map((alg) => makeKey(alg, wrapping)))

async function makeKey(alg: (typeof SIGNING_ALGORITHMS)[number], wrapping: KeyWrapping): Promise<NewSigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const publicJwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  const common = { kid, alg, use: 'sig' }
  const privateJwk = await wrapping.wrap({ ...(await exportJWK(privateKey)), ...common })
  return { kid, alg, publicJwk: { ...publicJwk, ...common }, privateJwk }
}
