import { randomBytes } from 'node:crypto'
import { digestOf } from '@daytona-auth/auth'

/** A token for one recipient, such as that of a mailed link, and the digest to store in its place. */
export interface SecretToken {
  readonly token: string
  readonly digest: Buffer
}

const TOKEN_BYTES = 32

/** The form of a token: 256 bits in base64url. A text of another form costs no query. */
export const SECRET_TOKEN = /^[\w-]{43}$/

/** Generates a token of 256 random bits. The token itself is not stored. */
export function createSecretToken(): SecretToken {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  return { token, digest: digestOf(token) }
}
