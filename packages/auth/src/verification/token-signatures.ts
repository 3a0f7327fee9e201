import { createPublicKey, type webcrypto } from 'node:crypto'
import type { SigningKeyFacts } from '@daytona-auth/db'
import { fastify } from 'fastify'

/** What tokens may be signed with. Only asymmetric ones: a public key is no secret that an HS256 could be keyed with. */
const ALGORITHMS = ['ES256', 'RS256'] as const

export interface TokenRules {
  readonly issuer: string
  readonly audience: string
}

/**
 * Checks the signature and the registered claims of a token with the key `kid` and returns its payload.
 * `undefined`: there is no such key.
 *
 * @throws an error of fast-jwt for whatever is wrong; its `code` says what.
 */
export type VerifySignature = (kid: string, token: string) => unknown

/**
 * Makes the check from a set of keys: one verifier a key, each for that key's algorithm alone.
 *
 * @fastify/jwt does it, on an instance that never listens: it takes one key set at its registration, and we verify
 * outside of requests and follow keys that change. Its cache is off, since it would not hear of a revocation. A claim
 * that is absent passes fast-jwt's check of its value, hence `requiredClaims`.
 */
export async function verifySignatures(
  keys: readonly SigningKeyFacts[],
  { issuer, audience }: TokenRules,
): Promise<VerifySignature> {
  // With the first keys, which a start does not wait for: it takes 15 ms.
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
  // Its types know a single registration, not namespaces.
  const namespaces = host.jwt as unknown as Record<string, Pick<typeof host.jwt, 'verify'>> | undefined
  const verifiers = new Map(usable.map(({ kid }) => [kid, namespaces?.[kid]]))
  return (kid, token) => verifiers.get(kid)?.verify(token)
}

function pemOf(jwk: Readonly<Record<string, unknown>>): string {
  const key = createPublicKey({ key: jwk as webcrypto.JsonWebKey, format: 'jwk' }) // throws on whatever is no public JWK
  return key.export({ type: 'spki', format: 'pem' }).toString()
}
