import { scopeNames } from '@daytona-auth/protocol/scopes'
import { boundedList, boundedText, isLoopback } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenName } from './given-name.ts'
import { looksLikeOurs } from './reserved-app-name.ts'

/** Well below the size of an index entry; no client sends a longer one. */
const MAX_IDENTIFIER_CHARS = 500
const MAX_SCOPE_CHARS = 100
const MAX_SCOPES = 100

/** RFC 6749 section 3.3: printable ASCII without space, quotation mark and backslash. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** The names of our own scopes in lower case. */
const OURS: ReadonlySet<string> = new Set(scopeNames())

/**
 * Returns why a text may not be the identifier of an API with its own audience (RFC 8707 section 2), or `undefined`.
 * Identifiers are compared as texts, so one that is not in its normal form is refused, not corrected.
 *
 * @param reserved the URLs of our own API and issuer: no other API is at their origins
 */
export function identifierProblem(text: string, reserved: readonly string[]): string | undefined {
  const url = URL.parse(text)
  if (url === null) return 'must be an absolute URI'
  if (text.includes('#')) return 'must not have a fragment'
  if (url.username !== '' || url.password !== '') return 'must not have a user or password'
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return 'must be https, or http on localhost, 127.0.0.1 or [::1]'
  }
  if (normalizeIdentifier(url.href) !== text) {
    return 'must be written as browsers write it, in lower case, and without a slash if it has no path'
  }
  if (reserved.some((own) => URL.parse(own)?.origin === url.origin)) return 'must not be at the address of this server'
  return undefined
}

/** Returns the form in which an identifier is registered: `https://host/` and `https://host` are the same URI. */
export function normalizeIdentifier(identifier: string): string {
  const { origin } = URL.parse(identifier) ?? {}
  return origin !== undefined && identifier === `${origin}/` ? origin : identifier
}

const ScopeName = boundedText({ max: MAX_SCOPE_CHARS })
  .regex(SCOPE_TOKEN, 'must be printable ASCII without spaces, quotation marks and backslashes')
  .refine((name) => !OURS.has(name.toLowerCase()), 'must not be a scope or permission of Daytona')

const ResourceScope = z
  .object({
    name: ScopeName.describe('As clients request it, such as `invoices:read`'),
    description: GivenName.describe('What it allows, as the consent page says it'),
  })
  .meta({ id: 'ResourceScope' })

/** The members of an API with its own audience that may change. */
export const resourceServerMembers = {
  name: GivenName.refine((name) => !looksLikeOurs(name), 'must not contain "Daytona" or look like it').describe(
    'Shown to people who are asked for their consent',
  ),
  scopes: boundedList(ResourceScope, { max: MAX_SCOPES })
    .refine((scopes) => new Set(scopes.map(({ name }) => name)).size === scopes.length, 'must not repeat a name')
    .describe('What clients can request. Tokens lose a removed scope'),
}

/** The text of an identifier; `identifierProblem` checks the rest. */
export const IdentifierText = boundedText({ max: MAX_IDENTIFIER_CHARS }).meta({ format: 'uri' })
