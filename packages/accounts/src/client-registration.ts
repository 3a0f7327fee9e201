import { scopeNames } from '@daytona-auth/protocol/scopes'
import { boundedList, boundedText } from '@daytona-auth/service'
import * as z from 'zod'
import { ASSERTION_ALGORITHMS, AUTH_METHODS, ClientJwks } from './client-keys.ts'
import { GivenName } from './given-name.ts'
import { isPrivateUseUri, redirectUriProblem, webUriProblem } from './redirect-uri.ts'
import { looksLikeOurs } from './reserved-app-name.ts'
import { createSecretToken } from './secret-token.ts'

const Scope = z.enum(scopeNames()).meta({ id: 'Scope' })

const uriWithout = (problemOf: (text: string) => string | undefined) =>
  boundedText({ max: 2000 })
    .superRefine((text, context) => {
      const problem = problemOf(text)
      if (problem !== undefined) context.addIssue(problem)
    })
    .meta({ format: 'uri' })

const Uri = uriWithout(webUriProblem)
const RedirectUri = uriWithout(redirectUriProblem)

/** A lifetime that a client may ask for, in seconds: up to 400 days, the longest of a cookie. */
const Seconds = (min: number) =>
  z
    .int({ error: 'must be a whole number of seconds' })
    .min(min, `must be at least ${min} seconds`)
    .max(34_560_000, 'must be at most 400 days')

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
  redirectUris: boundedList(RedirectUri, { min: 1, max: MAX_URIS, tooFew: 'must name at least one' }).describe(
    'https, or http on loopback, where a `native` app may use any port. A `native` app may also have a scheme of its own: a domain in reverse, such as `com.example.app:/callback`',
  ),
  postLogoutRedirectUris: boundedList(RedirectUri, { max: MAX_URIS }),
  scopes: boundedList(Scope, { min: 1, max: MAX_SCOPES, tooFew: 'must name at least one' }).describe(
    'The most that the app may ask for',
  ),
  homepageUri: Uri.nullish(),
  logoUri: Uri.nullish(),
  requirePkce: z
    .boolean()
    .optional()
    .describe('For `web`: refuse authorizations without a PKCE challenge. `spa` and `native` always need one'),
  requirePushedAuthorizationRequests: z
    .boolean()
    .optional()
    .describe('Refuse authorizations that the app did not push first (RFC 9126)'),
  requireSignedRequestObject: z
    .boolean()
    .optional()
    .describe('Refuse authorizations that the app did not sign (RFC 9101). Needs `private_key_jwt`'),
  requestObjectSigningAlg: z
    .enum(ASSERTION_ALGORITHMS, { error: `must be one of ${ASSERTION_ALGORITHMS.join(', ')}` })
    .nullish()
    .describe('The only algorithm that the app signs its authorization requests with. Needs `private_key_jwt`'),
  dpopBoundAccessTokens: z
    .boolean()
    .optional()
    .describe('Issue tokens only with a DPoP proof, which binds them to the key of the app (RFC 9449)'),
  deviceGrant: z.boolean().optional().describe('For `web`: allow the device flow (RFC 8628). `native` always has it'),
  tokenEndpointAuthMethod: z
    .enum(AUTH_METHODS, { error: `must be ${AUTH_METHODS.join(' or ')}` })
    .optional()
    .describe('For `web`: how the app authenticates. `private_key_jwt` (RFC 7523) needs `jwks` or `jwksUri`'),
  jwks: ClientJwks.nullish().describe('The public keys of the app, for `private_key_jwt`'),
  jwksUri: Uri.nullish().describe('Where the app publishes its public keys, for `private_key_jwt`'),
  idTokenSignedResponseAlg: z
    .enum(['RS256', 'ES256'], { error: 'must be RS256 or ES256' })
    .optional()
    .describe('The algorithm that id_tokens for the app are signed with'),
  backchannelLogoutUri: Uri.nullish().describe(
    'Where a logout token is sent when a session of a user of the app ends (OpenID Connect Back-Channel Logout)',
  ),
  backchannelLogoutSessionRequired: z
    .boolean()
    .optional()
    .describe('Whether a logout token has to name the session. It always does'),
  defaultMaxAge: Seconds(0)
    .nullish()
    .describe('Sign-ins that are older, in seconds, are asked for again. The `max_age` of a request takes precedence'),
  refreshTokenTtl: Seconds(60)
    .nullish()
    .describe('How long an unused refresh token is valid, in seconds, up to the limit of the deployment'),
  refreshTokenAbsoluteTtl: Seconds(60)
    .nullish()
    .describe('How long refresh tokens are renewed after a sign-in, in seconds, up to the limit of the deployment'),
}

/** The settings that depend on the type of a client. */
export interface TypedSettings {
  readonly requirePkce?: boolean | undefined
  readonly deviceGrant?: boolean | undefined
  readonly redirectUris?: readonly string[] | undefined
  readonly postLogoutRedirectUris?: readonly string[] | undefined
}

/**
 * Finds a setting that contradicts the client's type, as the member and the reason.
 * @returns undefined if the settings fit the type
 */
export function settingProblem(
  type: (typeof CLIENT_TYPES)[number],
  { requirePkce, deviceGrant, redirectUris, postLogoutRedirectUris }: TypedSettings,
): { readonly path: string; readonly message: string } | undefined {
  for (const [path, uris = []] of Object.entries({ redirectUris, postLogoutRedirectUris })) {
    const index = uris.findIndex(isPrivateUseUri)
    if (type !== 'native' && index >= 0) {
      return {
        path: `${path}.${index}`,
        message: 'must be https, or http on localhost, 127.0.0.1 or [::1]',
      }
    }
  }
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

/** A client secret, with what is stored of it: its digest and its masked form. */
export interface MadeClientSecret {
  readonly secret: string
  readonly digest: Uint8Array
  readonly hint: string
}

/** Makes a client secret of 256 random bits. The secret itself is not stored. */
export function makeClientSecret(): MadeClientSecret {
  const { token: secret, digest } = createSecretToken()
  return { secret, digest, hint: `${'*'.repeat(20)}${secret.slice(-4)}` }
}

/** The name of a secret that is made without one: at the registration of a client, or by a rotation. */
export const DEFAULT_SECRET_NAME = 'default'
