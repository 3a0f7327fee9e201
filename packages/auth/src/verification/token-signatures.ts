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
 * @param audience `any`: the token may be for any audience, and need not have scopes; never for a request to our API
 * @throws an error of fast-jwt whose `code` is the reason
 */
export type VerifySignature = (kid: string, token: string, audience?: 'ours' | 'any') => unknown

/** The claims of RFC 9068 section 2.2 that every token of ours has. */
const REQUIRED = ['iss', 'sub', 'aud', 'client_id', 'iat', 'exp', 'jti', 'gid']

const anyAudienceOf = (kid: string): string => `${kid} for any audience`

/**
 * Makes the check for a set of keys: two verifiers a key, for that key's algorithm only. One accepts our audience, the other
 * one every audience, for introspection and revocation of tokens that are issued for other APIs.
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
    const verify = { algorithms: [algorithm], allowedIss: issuer, checkTyp: 'at+jwt', cache: false }
    await host.register(fastifyJwt, {
      namespace: kid,
      secret: { public: pem },
      verify: { ...verify, allowedAud: audience, requiredClaims: [...REQUIRED, 'scope'] },
    })
    await host.register(fastifyJwt, {
      namespace: anyAudienceOf(kid),
      secret: { public: pem },
      verify: { ...verify, requiredClaims: REQUIRED },
    })
  }
  await host.ready()
  // The types of @fastify/jwt cover a single registration, not namespaces.
  const namespaces = host.jwt as unknown as Record<string, Pick<typeof host.jwt, 'verify'>> | undefined
  const ours = new Map(usable.map(({ kid }) => [kid, namespaces?.[kid]]))
  const others = new Map(usable.map(({ kid }) => [kid, namespaces?.[anyAudienceOf(kid)]]))
  return (kid, token, audience = 'ours') => (audience === 'ours' ? ours : others).get(kid)?.verify(token)
}

function pemOf(jwk: Readonly<Record<string, unknown>>): string {
  const key = createPublicKey({ key: jwk as webcrypto.JsonWebKey, format: 'jwk' }) // throws if it is not a public JWK
  return key.export({ type: 'spki', format: 'pem' }).toString()
}
