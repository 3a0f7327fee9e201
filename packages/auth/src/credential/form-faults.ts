import type { IncomingMessage } from 'node:http'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { findKeyFault, type KeyFault, looksLikeKey } from './api-key.ts'
import { misplacedIn } from './credential.ts'

/**
 * What is wrong with the form of a credential, for the `error_description` of a 401 (RFC 6750 section 3). Fixed texts: they
 * repeat nothing of the request, and none depends on whether the credential exists.
 */
export const FORM_FAULTS = {
  noHeader: 'There is no Authorization header. Send Authorization: Bearer, then a space and an API key or access token',
  inQuery: 'The credential is in the query. Send it in the Authorization header, after Bearer and a space',
  inOtherHeader: 'The credential is in another header. Send it in the Authorization header, after Bearer and a space',
  notBearer: 'The Authorization header does not begin with Bearer and a space',
  noScheme: 'The Authorization header has a credential only. Put Bearer and a space before it',
  nothing: 'Nothing follows Bearer in the Authorization header. Is the variable with the credential set?',
  severalHeaders: 'There are several Authorization headers. Send one',
  tooLong: 'The credential is longer than any API key or access token',
  placeholder: 'The credential is a placeholder of an example. Replace it with an API key or access token',
  quoted: 'The credential is in quotation marks. Send it without them',
  notAlone:
    'Something follows the credential in the Authorization header. Send nothing but the credential after Bearer',
  keyMasked: 'The API key is masked, as in lists of keys. The whole key is shown once, when it is created',
  keyTooShort: 'The API key is not complete: it has fewer than 53 characters',
  keyTooLong: 'The API key has more than 53 characters',
  keyCharacter: 'The API key contains a character that is neither a letter nor a digit',
  keyChecksum: 'The checksum of the API key is wrong: a character was changed or lost. Copy the key again',
  tokenDamaged: 'The access token is damaged: its header or signature cannot be decoded. Copy the token again',
  notAccessToken: 'The token is not an access token, whose typ is at+jwt. Send the access_token, not the id_token',
  otherKind: `The credential is neither an API key, which begins with ${KEY_PREFIX}, nor an access token, which is a JWT`,
} as const satisfies Record<KeyFault, string> & Record<string, string>

export type FormFault = keyof typeof FORM_FAULTS

/** Far above the length of our tokens. A longer one is refused by its length alone. */
export const MAX_CREDENTIAL_CHARS = 8 * 1024

/** Headers in which clients of other services send keys. */
const OTHER_HEADERS = ['x-api-key', 'api-key', 'x-auth-token'] as const

/** Finds why a request has no bearer credential. */
export function findAbsenceFault({ headers }: Pick<IncomingMessage, 'headers'>, query: unknown): FormFault {
  const { authorization } = headers
  if (authorization === undefined) {
    if (misplacedIn(query) !== undefined) return 'inQuery'
    return OTHER_HEADERS.some((name) => headers[name] !== undefined) ? 'inOtherHeader' : 'noHeader'
  }
  if (authorization === '' || /^bearer *$/i.test(authorization)) return 'nothing'
  return authorization.includes(' ') ? 'notBearer' : 'noScheme'
}

/** Finds what is wrong with a credential that is neither a well-formed key nor three parts of base64url. */
export function findCredentialFault(credential: string): FormFault {
  // `bearerOf` returns an empty text for several headers.
  if (credential === '') return 'severalHeaders'
  if (credential.length > MAX_CREDENTIAL_CHARS) return 'tooLong'
  const keyFault = looksLikeKey(credential) ? findKeyFault(credential) : undefined
  // The usual faults of a key that was really one: without the regular expressions below.
  if (keyFault === 'keyChecksum' || keyFault === 'keyMasked') return keyFault
  if (keyFault === 'keyTooShort' && credential.length > MAX_PLACEHOLDER_CHARS) return keyFault
  if (looksLikePlaceholder(credential)) return 'placeholder'
  if (/^["'`]/.test(credential)) return 'quoted'
  if (/[ \t,;]/.test(credential)) return 'notAlone'
  return keyFault ?? 'otherKind'
}

/** The words that examples, templates and failed substitutions have in place of a credential. */
const PLACEHOLDER = new RegExp(
  String.raw`^(?:(?:${KEY_PREFIX})?(?:your|my|insert|replace|example)[-_a-z]*|${KEY_PREFIX}(?:1234567890abcdef|x+|\.{1,3})|<.*>|\$.*|%\w+%|\{.*\}|\[.*\]|undefined|null|none|nil|token|access[-_]?token|api[-_]?key|x{3,}|\.{3})$`,
  'i',
)

const MAX_PLACEHOLDER_CHARS = 40

const looksLikePlaceholder = (credential: string): boolean =>
  credential.length <= MAX_PLACEHOLDER_CHARS && PLACEHOLDER.test(credential)
