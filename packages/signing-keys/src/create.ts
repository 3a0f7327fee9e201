import type { NewSigningKey } from '@daytona-auth/db'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import type { KeyWrapping } from './wrap.ts'

/** id_tokens are RS256 (OIDC Core §15.1 requiredPermissions it of us), access tokens ES256 unless configured: one key for each. */
export const SIGNING_ALGORITHMS = ['ES256', 'RS256'] as const

/** A new key for each algorithm, the private half under `wrapping`. An RSA key takes a good part of a second. */
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
