import { hash, randomBytes } from 'node:crypto'
import { boundedList, boundedText } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenName } from './given-name.ts'
import { permissionNames } from './permission.ts'
import { redirectUriProblem } from './redirect-uri.ts'
import { looksLikeOurs } from './reserved-app-name.ts'

const IDENTITY_SCOPES = ['openid', 'profile', 'email', 'offline_access'] as const

const Scope = z.enum([...IDENTITY_SCOPES, ...permissionNames()]).meta({ id: 'Scope' })

const Uri = boundedText({ max: 2000 })
  .superRefine((text, context) => {
    const problem = redirectUriProblem(text)
    if (problem !== undefined) context.addIssue(problem)
  })
  .meta({ format: 'uri' })

export const CLIENT_TYPES = ['web', 'spa', 'native'] as const

export const ClientType = z.enum(CLIENT_TYPES).describe('`web` has a secret; `spa` and `native` cannot keep one')

const MAX_URIS = 100
/** Several times as many as there are. */
const MAX_SCOPES = 50

/** What may be said of a client, whoever registers it. */
export const clientMembers = {
  name: GivenName.refine(
    (name) => !looksLikeOurs(name),
    'must not contain "Daytona" or look like it: that is how our own apps are named',
  ).describe('Shown to people who are asked for their consent'),
  redirectUris: boundedList(Uri, { min: 1, max: MAX_URIS, tooFew: 'must name at least one' }).describe(
    'https, or http on loopback, where a `native` app may use any port',
  ),
  postLogoutRedirectUris: boundedList(Uri, { max: MAX_URIS }),
  scopes: boundedList(Scope, { min: 1, max: MAX_SCOPES, tooFew: 'must name at least one' }).describe(
    'The most that the app may ask for',
  ),
  homepageUri: Uri.nullish(),
  logoUri: Uri.nullish(),
}

/** A client that is yet to be made. */
export const NewClient = z.object({
  ...clientMembers,
  type: ClientType,
  postLogoutRedirectUris: clientMembers.postLogoutRedirectUris.default([]),
})

const SECRET_BYTES = 32

/** 256 random bits: one round of SHA-256 is enough, as for API keys. The secret itself is for the client, and kept nowhere. */
export function makeClientSecret(): { readonly secret: string; readonly digest: Uint8Array } {
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  return { secret, digest: hash('sha256', secret, 'buffer') }
}
