import { createPublicKey } from 'node:crypto'
import { boundedList, boundedText, closedObject } from '@daytona-auth/service'
import * as z from 'zod'

/** How a `web` app authenticates (RFC 7591 §2). With `client_secret_basic`, it may also send its secret in the form. */
export const AUTH_METHODS = ['client_secret_basic', 'private_key_jwt'] as const
export type ClientAuthMethod = (typeof AUTH_METHODS)[number]

/** The algorithms of client assertions (RFC 7523): asymmetric ones only, because secrets are stored as digests. */
export const ASSERTION_ALGORITHMS = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'] as const

/** One in use, its successor, and as many for other algorithms. */
const MAX_KEYS = 10
/** The length of a modulus of 8192 bits, in base64url. */
const MAX_NUMBER_CHARS = 1400
const MIN_RSA_BITS = 2048

const Text = boundedText({ max: 100 })
const KeyPart = boundedText({ max: MAX_NUMBER_CHARS })

/** The public half of a key that signs client assertions (RFC 7517). */
const JwkMembers = closedObject({
  kty: z.enum(['EC', 'RSA', 'OKP'], { error: 'must be EC, RSA or OKP' }).describe('The kind of key'),
  use: z.literal('sig', { error: 'must be sig' }).optional().describe('`sig`: the key signs'),
  key_ops: boundedList(Text, { max: 10 }).optional().describe('What the key does, such as `verify`'),
  alg: z
    .enum(ASSERTION_ALGORITHMS, { error: `must be one of ${ASSERTION_ALGORITHMS.join(', ')}` })
    .optional()
    .describe('The only algorithm that the key is used with'),
  kid: Text.optional().describe('The id that an assertion names in its header'),
  crv: z
    .enum(['P-256', 'P-384', 'Ed25519'], { error: 'must be P-256, P-384 or Ed25519' })
    .optional()
    .describe('The curve of an EC or OKP key'),
  x: KeyPart.optional().describe('Of an EC or OKP key, in base64url'),
  y: KeyPart.optional().describe('Of an EC key, in base64url'),
  n: KeyPart.optional().describe('The modulus of an RSA key, in base64url'),
  e: KeyPart.optional().describe('The exponent of an RSA key, in base64url'),
})

const PublicJwk = JwkMembers.superRefine((jwk, context) => {
  const problem = keyProblem(jwk)
  if (problem !== undefined) context.addIssue(problem)
}).meta({ id: 'PublicJwk', description: 'The public half of a key (RFC 7517)' })

/** The public keys of an app (RFC 7517 §5). */
export const ClientJwks = closedObject({
  keys: boundedList(PublicJwk, { min: 1, max: MAX_KEYS, tooFew: 'must have at least one key' })
    .refine(
      (keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length || keys.length === 1,
      'must have a kid of its own for each key',
    )
    .describe('Public keys, of which any verifies'),
}).meta({ id: 'ClientJwks', description: 'The public keys of an app (RFC 7517 §5)' })

export type ClientJwks = z.output<typeof ClientJwks>

/** As Node.js takes it; a parsed member that is absent may be `undefined`. */
type Jwk = Extract<Parameters<typeof createPublicKey>[0], { format: 'jwk' }>['key']

function keyProblem(jwk: z.output<typeof JwkMembers>): string | undefined {
  try {
    const key = createPublicKey({ key: jwk as Jwk, format: 'jwk' })
    const bits = key.asymmetricKeyDetails?.modulusLength
    if (bits !== undefined && bits < MIN_RSA_BITS) return `must have a modulus of at least ${MIN_RSA_BITS} bits`
    return undefined
  } catch {
    return 'must be a public key: kty, and the members that it needs'
  }
}

/** The members of a client that decide how it authenticates. */
export interface ClientAuthSettings {
  readonly tokenEndpointAuthMethod: ClientAuthMethod
  readonly jwks: unknown
  readonly jwksUri: string | null
  readonly requireSignedRequestObject: boolean
  readonly requestObjectSigningAlg: string | null
}

/**
 * Finds what contradicts how a client of the type authenticates, as the member and the reason.
 * @returns undefined if there is no contradiction
 */
export function authProblem(
  type: 'web' | 'spa' | 'native',
  { tokenEndpointAuthMethod, jwks, jwksUri, requireSignedRequestObject, requestObjectSigningAlg }: ClientAuthSettings,
): { readonly path: string; readonly message: string } | undefined {
  if (tokenEndpointAuthMethod === 'client_secret_basic') {
    const signed = requireSignedRequestObject
      ? 'requireSignedRequestObject'
      : requestObjectSigningAlg !== null && 'requestObjectSigningAlg'
    if (signed) return { path: signed, message: 'needs the tokenEndpointAuthMethod private_key_jwt' }
    const path = jwks !== null ? 'jwks' : 'jwksUri'
    if (jwks === null && jwksUri === null) return undefined
    return { path, message: 'must be null unless tokenEndpointAuthMethod is private_key_jwt' }
  }
  if (type !== 'web') return { path: 'tokenEndpointAuthMethod', message: `is for web apps: a ${type} app keeps no key` }
  if (jwks !== null && jwksUri !== null) return { path: 'jwksUri', message: 'must be null beside jwks' }
  if (jwks === null && jwksUri === null) return { path: 'jwks', message: 'is required for private_key_jwt, or jwksUri' }
  return undefined
}
