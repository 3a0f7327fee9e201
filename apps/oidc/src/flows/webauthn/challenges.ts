import { randomBytes } from 'node:crypto'
import { createKeyRing } from '../../provider/keys/key-ring.ts'

/** Challenges that a passkey signs, each for one purpose: an interaction, or the session of an account. */
export interface Challenges {
  issue(purpose: string): Uint8Array<ArrayBuffer>
  /** Whether a challenge, in base64url, was issued for that purpose and has not expired. */
  isValid(purpose: string, challenge: string): boolean
}

const CHALLENGE_MS = 10 * 60 * 1000
const RANDOM_BYTES = 16
const TIME_BYTES = 8

/**
 * Makes challenges that nothing has to be stored for: a random part, the time and a signature of both with the purpose. One
 * is of use until its interaction is completed, and only in the browser that holds it.
 */
export function createChallenges(cookieKeys: readonly string[], now: () => number): Challenges {
  const ring = createKeyRing(cookieKeys, 'passkey challenge')
  const textOf = (purpose: string, head: Buffer) => JSON.stringify([purpose, head.toString('base64url')])
  return {
    issue(purpose) {
      const time = Buffer.alloc(TIME_BYTES)
      time.writeBigUInt64BE(BigInt(Math.floor(now())))
      const head = Buffer.concat([randomBytes(RANDOM_BYTES), time])
      return new Uint8Array(Buffer.concat([head, ring.sign(textOf(purpose, head))]))
    },
    isValid(purpose, challenge) {
      const bytes = Buffer.from(challenge, 'base64url')
      const head = bytes.subarray(0, RANDOM_BYTES + TIME_BYTES)
      if (head.length !== RANDOM_BYTES + TIME_BYTES) return false
      if (!ring.verify(textOf(purpose, head), bytes.subarray(head.length))) return false
      const age = now() - Number(head.readBigUInt64BE(RANDOM_BYTES))
      return age >= 0 && age <= CHALLENGE_MS
    },
  }
}
