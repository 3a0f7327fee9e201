import { boundedList, boundedText } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenName } from './given-name.ts'
import { redirectUriProblem } from './redirect-uri.ts'
import { looksLikeOurs } from './reserved-app-name.ts'
import { scopeNames } from './scopes.ts'
import { createSecretToken } from './secret-token.ts'

const Scope = z.enum(scopeNames()).meta({ id: 'Scope' })

const Uri = boundedText({ max: 2000 })
  .superRefine((text, context) => {
    const problem = redirectUriProblem(text)
    if (problem !== undefined) context.addIssue(problem)
  })
  .meta({ format: 'uri' })

export const CLIENT_TYPES = ['web', 'spa', 'native'] as const

export const ClientType = z.enum(CLIENT_TYPES).describe('`web` has a secret; `spa` and `native` cannot keep one')

const MAX_URIS = 100
/** Several times the number of scopes that exist. */
const MAX_SCOPES = 50

/** The members of a client registration, by the API and by the operator's command. */
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
  requirePkce: z
    .boolean()
    .optional()
    .describe('For `web`: refuse authorizations without a PKCE challenge. `spa` and `native` always need one'),
  deviceGrant: z.boolean().optional().describe('For `web`: allow the device flow (RFC 8628). `native` always has it'),
  idTokenSignedResponseAlg: z
    .enum(['RS256', 'ES256'], { error: 'must be RS256 or ES256' })
    .optional()
    .describe('The algorithm that id_tokens for the app are signed with'),
}

/**
 * Finds a setting that contradicts the client's type, as the member and the reason.
 * @returns undefined if the settings fit the type
 */
export function settingProblem(
  type: (typeof CLIENT_TYPES)[number],
  { requirePkce, deviceGrant }: { requirePkce?: boolean | undefined; deviceGrant?: boolean | undefined },
): { readonly path: string; readonly message: string } | undefined {
  if (type !== 'web' && requirePkce === false) {
    return { path: 'requirePkce', message: 'must be true: a public client always needs PKCE' }
  }
  if (type === 'native' && deviceGrant === false) {
    return { path: 'deviceGrant', message: 'must be true: a native app always has the device flow' }
  }
  if (type === 'spa' && deviceGrant === true) {
    return { path: 'deviceGrant', message: 'must be false: a page in a browser has no use for the device flow' }
  }
  return undefined
}

/** Returns the effective settings of a client: its type takes precedence over its row. */
export const effectiveSettings = ({
  type,
  requirePkce,
  deviceGrant,
}: {
  readonly type: (typeof CLIENT_TYPES)[number]
  readonly requirePkce: boolean
  readonly deviceGrant: boolean
}) => ({
  requirePkce: type !== 'web' || requirePkce,
  deviceGrant: type === 'native' || (type === 'web' && deviceGrant),
})

/** The registration of a new client. */
export const NewClient = z.object({
  ...clientMembers,
  type: ClientType,
  postLogoutRedirectUris: clientMembers.postLogoutRedirectUris.default([]),
})

/** Makes a client secret of 256 random bits, and its digest. The secret is not stored. */
export function makeClientSecret(): { readonly secret: string; readonly digest: Uint8Array } {
  const { token: secret, digest } = createSecretToken()
  return { secret, digest }
}
