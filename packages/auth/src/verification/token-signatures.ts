import { createPublicKey, type webcrypto } from 'node:crypto'
import type { SigningKeyFacts } from '@daytona-auth/db/principals'
import { fastify } from 'fastify'

/** The allowed signature algorithms. Asymmetric only: with HS256, the public key could serve as the secret. */
const ALGORITHMS = ['ES256', 'RS256'] as const

export interface TokenRules {
  readonly issuer: string
  readonly audience: string
}

/**
 * Verifies the signature and the registered claims of a token with the key `kid`, and returns its payload.
 * `undefined`: there is no such key.
 *
 * @throws an error of fast-jwt whose `code` is the reason
 */
export type VerifySignature = (kid: string, token: string) => unknown

/**
 * Makes the check for a set of keys: one verifier a key, for that key's algorithm only.
 *
 * Uses @fastify/jwt on an instance that never listens, because it takes its keys at registration, while tokens are verified
 * outside of requests and keys change. Its cache is off, since revocations do not invalidate it. fast-jwt accepts an absent
 * claim without checking its value, hence `requiredClaims`.
 */
export async function verifySignatures(
  keys: readonly SigningKeyFacts[],
  { issuer, audience }: TokenRules,
): Promise<VerifySignature> {
  // Imported with the first keys and not at startup: it takes 15 ms.
  const { default: fastifyJwt } = await import('@fastify/jwt')
  const host = fastify()
  const usable = keys.flatMap(({ kid, alg, publicJwk }) => {
    const algorithm = ALGORITHMS.find((known) => known === alg)
    return algorithm ? [{ kid, algorithm, pem: pemOf(publicJwk) }] : []
  })
  for (const { kid, algorithm, pem } of usable) {
    await host.register(fastifyJwt, {
      namespace: kid,
      secret: { public: pem },
      verify: {
        algorithms: [algorithm],
        allowedIss: issuer,
        allowedAud: audience,
        checkTyp: 'at+jwt',
        requiredClaims: ['iss', 'sub', 'aud', 'client_id', 'iat', 'exp', 'jti', 'scope', 'gid'],
        cache: false,
      },
    })
  }
  await host.ready()
  // The types of @fastify/jwt cover a single registration, not namespaces.
  const namespaces = host.jwt as unknown as Record<string, Pick<typeof host.jwt, 'verify'>> | undefined
  const verifiers = new Map(usable.map(({ kid }) => [kid, namespaces?.[kid]]))
  return (kid, token) => verifiers.get(kid)?.verify(token)
}

function pemOf(jwk: Readonly<Record<string, unknown>>): string {
  const key = createPublicKey({ key: jwk as webcrypto.JsonWebKey, format: 'jwk' }) // throws if it is not a public JWK
  return key.export({ type: 'spki', format: 'pem' }).toString()
}
