import type { CompactJWSHeaderParameters } from 'jose'

/** The algorithms of proofs. No RSA: the client chooses the key, and with it what its verification costs. */
export const PROOF_ALGORITHMS = ['ES256', 'Ed25519', 'EdDSA'] as const

/** The proof that the sender of a token has its key, and the request that it must be of. */
export interface PresentedProof {
  /** The `DPoP` header; Node joins several with a comma. */
  readonly proof: string | undefined
  readonly method: string
  /** The public URL of the request; its query is not compared. */
  readonly url: string
}

/** Reads the proof of a request whose public URL is `url`. */
export const presentedProof = (
  { method, headers }: { readonly method: string; readonly headers: Readonly<Record<string, unknown>> },
  url: string,
): PresentedProof => ({ method, url, proof: typeof headers['dpop'] === 'string' ? headers['dpop'] : undefined })

/** What is wrong with a proof. */
export type ProofFault =
  | 'noProof'
  | 'severalProofs'
  | 'damaged'
  | 'otherKey'
  | 'otherRequest'
  | 'otherToken'
  | 'otherTime'
  | 'replayed'

/** Checks a proof. Returns what is wrong with it, or undefined. */
export type CheckProof = (
  presented: PresentedProof,
  token: string,
  /** The thumbprint of the key that the token is bound to. */
  thumbprint: string,
) => Promise<ProofFault | undefined>

/** Far above the length of a proof. A longer one is refused by its length alone. */
const MAX_PROOF_CHARS = 4096

/** The most proofs of a period: some 100 MB. */
const MAX_PROOFS = 1_000_000

/** How far `iat` may be from this machine's time, in either direction. Proofs are remembered for as long. */
const WINDOW_MS = 60_000

/** RFC 9449 section 4.2. */
interface Claims {
  readonly jti: string
  readonly htm: string
  readonly htu: string
  readonly iat: number
  readonly ath: string
}

/**
 * Makes the check of proofs (RFC 9449 section 4.3). A proof is accepted once by this process; another process of the same
 * deployment does not know it. Both clocks are in milliseconds.
 */
export function proofCheck({ now, monotonicNow }: Record<'now' | 'monotonicNow', () => number>): CheckProof {
  const used = usedProofs(monotonicNow)
  return async ({ proof, method, url }, token, thumbprint) => {
    if (proof === undefined || proof === '') return 'noProof'
    if (proof.length > MAX_PROOF_CHARS) return 'damaged'
    if (proof.includes(',')) return 'severalProofs'
    const verified = await verify(proof)
    if (verified === undefined) return 'damaged'
    const { claims, signer } = verified
    if (signer !== thumbprint) return 'otherKey'
    if (claims.ath !== (await sha256(token))) return 'otherToken'
    if (claims.htm !== method || !isSameUrl(claims.htu, url)) return 'otherRequest'
    if (Math.abs(claims.iat * 1000 - now()) > WINDOW_MS) return 'otherTime'
    return used.add(await sha256(`${thumbprint} ${claims.jti}`)) ? undefined : 'replayed'
  }
}

/** Verifies the signature with the key in the header. Returns the claims and the thumbprint of the key. */
async function verify(proof: string): Promise<{ readonly claims: Claims; readonly signer: string } | undefined> {
  // Imported with the first proof, as most deployments never see one.
  const { calculateJwkThumbprint, compactVerify, EmbeddedJWK } = await import('jose')
  try {
    const { payload, protectedHeader } = await compactVerify(proof, EmbeddedJWK, { algorithms: [...PROOF_ALGORITHMS] })
    const { jwk } = protectedHeader
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
    if (!isProofType(protectedHeader) || jwk === undefined || !areClaims(claims)) return undefined
    return { claims, signer: await calculateJwkThumbprint(jwk, 'sha256') }
  } catch {
    return undefined // not a JWT, not JSON, an algorithm or key that is not allowed, or a wrong signature
  }
}

const isProofType = ({ typ }: CompactJWSHeaderParameters): boolean => typ?.toLowerCase() === 'dpop+jwt'

function areClaims(value: unknown): value is Claims {
  if (typeof value !== 'object' || value === null) return false
  const { jti, htm, htu, iat, ath } = value as { readonly [Name in keyof Claims]?: unknown } // each is checked below
  return (
    isText(jti, MAX_ID_CHARS) &&
    isText(htm, MAX_ID_CHARS) &&
    isText(htu, MAX_URL_CHARS) &&
    isText(ath, MAX_ID_CHARS) &&
    typeof iat === 'number'
  )
}

const MAX_ID_CHARS = 256
const MAX_URL_CHARS = 2048

const isText = (value: unknown, max: number): boolean =>
  typeof value === 'string' && value.length > 0 && value.length <= max

/** Returns the SHA-256 of a text in base64url. */
async function sha256(text: string): Promise<string> {
  const { base64url } = await import('jose')
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
}

function isSameUrl(given: string, url: string): boolean {
  if (!URL.canParse(given)) return false
  const [one, other] = [new URL(given), new URL(url)]
  return one.origin === other.origin && one.pathname === other.pathname && one.username === '' && one.password === ''
}

/**
 * Remembers the proofs of a period and of the one before. A period is as long as a proof may be accepted, so none is removed
 * earlier. Only proofs of verified tokens are added; once they are too many for the memory, further ones are refused.
 */
function usedProofs(now: () => number): { add(id: string): boolean } {
  const periodMs = 2 * WINDOW_MS
  let current = new Set<string>()
  let before = new Set<string>()
  let began = now()
  return {
    add(id) {
      const elapsed = now() - began
      if (elapsed >= periodMs) {
        before = elapsed < 2 * periodMs ? current : new Set()
        current = new Set()
        began = now()
      }
      if (current.size >= MAX_PROOFS || current.has(id) || before.has(id)) return false
      current.add(id)
      return true
    },
  }
}
