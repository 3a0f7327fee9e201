import { isIdentityScope, scopeNames } from '@daytona-auth/protocol/scopes'
import { boundedList, boundedText, isLoopback } from '@daytona-auth/service'
import * as z from 'zod'
import { ClientJwks } from './client-keys.ts'
import { clientMembers, settingProblem } from './client-registration.ts'
import { isPrivateUseUri } from './redirect-uri.ts'
import { installationNameProblem } from './reserved-app-name.ts'

/** Several times what apps have: a registration is made by anyone. */
const MAX_URIS = 20
const MAX_SCOPE_CHARS = 2000

const oneOf = <const Names extends readonly string[]>(names: Names) =>
  z.enum(names, { error: `must be ${names.join(' or ')}` })

/**
 * The metadata with which a client registers itself (RFC 7591 §2). Members that are not known are ignored, as the RFC says:
 * none of them makes a client first-party, or one of an organization. A known member with a value that would not be kept to
 * is refused, not replaced.
 */
const Metadata = z.object({
  redirect_uris: boundedList(clientMembers.redirectUris.element, {
    min: 1,
    max: MAX_URIS,
    tooFew: 'must name at least one',
  }),
  client_name: clientMembers.name.optional(),
  scope: boundedText({ max: MAX_SCOPE_CHARS }).optional(),
  application_type: oneOf(['web', 'native']).optional(),
  token_endpoint_auth_method: oneOf([
    'none',
    'client_secret_basic',
    'client_secret_post',
    'private_key_jwt',
  ]).optional(),
  grant_types: boundedList(oneOf(['authorization_code', 'refresh_token']), { min: 1, max: 10 })
    .refine((types) => types.includes('authorization_code'), 'must contain authorization_code')
    .optional(),
  response_types: boundedList(oneOf(['code']), { min: 1, max: 10 }).optional(),
  jwks: ClientJwks.optional(),
  jwks_uri: clientMembers.jwksUri.unwrap().unwrap().optional(),
  post_logout_redirect_uris: boundedList(clientMembers.redirectUris.element, { max: MAX_URIS }).optional(),
  id_token_signed_response_alg: clientMembers.idTokenSignedResponseAlg,
  subject_type: oneOf(['public']).optional(),
  dpop_bound_access_tokens: z.boolean().optional(),
  require_pushed_authorization_requests: z.boolean().optional(),
})

/** Members that only the server sets, or that would be a secret which others know. */
const FORBIDDEN = ['client_secret', 'client_secret_expires_at', 'registration_access_token', 'registration_client_uri']

/** A client that registers itself, as it is stored. */
export interface SelfRegistration {
  readonly name: string
  readonly type: 'web' | 'spa' | 'native'
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly scopes: readonly string[]
  readonly tokenEndpointAuthMethod: 'client_secret_basic' | 'private_key_jwt'
  readonly jwks: z.output<typeof ClientJwks> | null
  readonly jwksUri: string | null
  readonly idTokenSignedResponseAlg: 'RS256' | 'ES256'
  readonly dpopBoundAccessTokens: boolean
  readonly requirePushedAuthorizationRequests: boolean
}

/** Why metadata are refused (RFC 7591 §3.2.2). */
export interface MetadataFault {
  readonly error: 'invalid_redirect_uri' | 'invalid_client_metadata'
  readonly description: string
}

export interface MetadataRules {
  /** The most scopes of our own API that such a client may request. Those of other APIs are requested with `resource`. */
  readonly scopes: readonly string[]
  /** Whether the metadata are a document at the client's id: then it has no secret. */
  readonly isDocument: boolean
  /** The name of the installation, which no such client may have. */
  readonly brand: string
}

/** Converts the metadata with which a client registers itself. Scopes beyond the allowed ones are left out (RFC 7591 §2). */
export function readClientMetadata(given: unknown, rules: MetadataRules): SelfRegistration | MetadataFault {
  const members = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : undefined
  if (members === undefined) return invalid('the metadata must be an object in JSON')
  const forbidden = FORBIDDEN.find((name) => Object.hasOwn(members, name))
  if (forbidden !== undefined) return invalid(`${forbidden} must not be sent`)
  const { data, error } = Metadata.safeParse(members)
  if (error) {
    const [issue] = error.issues
    const path = issue?.path.join('.') ?? ''
    const isRedirect = issue?.path[0] === 'redirect_uris'
    return fault(isRedirect ? 'invalid_redirect_uri' : 'invalid_client_metadata', `${path} ${issue?.message}`.trim())
  }
  const nameProblem =
    data.client_name === undefined ? undefined : installationNameProblem(data.client_name, rules.brand)
  if (nameProblem !== undefined) return invalid(`client_name ${nameProblem}`)
  const method = data.token_endpoint_auth_method ?? (rules.isDocument ? 'none' : 'client_secret_basic')
  const isPublic = method === 'none'
  if (rules.isDocument && method.startsWith('client_secret')) {
    return invalid('token_endpoint_auth_method must be none or private_key_jwt: a document keeps no secret')
  }
  const keys = [data.jwks, data.jwks_uri].filter((one) => one !== undefined).length
  if (keys !== (method === 'private_key_jwt' ? 1 : 0)) {
    return invalid(
      method === 'private_key_jwt'
        ? 'private_key_jwt needs either jwks or jwks_uri'
        : 'jwks and jwks_uri are for private_key_jwt',
    )
  }
  const isNative =
    data.application_type === 'native' ||
    (isPublic && data.application_type === undefined && isOnDevice(data.redirect_uris))
  if (isNative && !isPublic) return invalid('application_type native needs the token_endpoint_auth_method none')
  const type = isNative ? 'native' : isPublic ? 'spa' : 'web'
  const uris = { redirectUris: data.redirect_uris, postLogoutRedirectUris: data.post_logout_redirect_uris ?? [] }
  const problem = settingProblem(type, uris)
  if (problem) {
    const isRedirect = problem.path.startsWith('redirectUris')
    return fault(
      isRedirect ? 'invalid_redirect_uri' : 'invalid_client_metadata',
      `${isRedirect ? 'redirect_uris' : 'post_logout_redirect_uris'} ${problem.message}`,
    )
  }
  return {
    ...uris,
    name: data.client_name ?? nameOf(data.redirect_uris),
    type,
    scopes: allowedScopes(data.scope, rules.scopes),
    tokenEndpointAuthMethod: method === 'private_key_jwt' ? 'private_key_jwt' : 'client_secret_basic',
    jwks: data.jwks ?? null,
    jwksUri: data.jwks_uri ?? null,
    idTokenSignedResponseAlg: data.id_token_signed_response_alg ?? 'RS256',
    dpopBoundAccessTokens: data.dpop_bound_access_tokens ?? false,
    requirePushedAuthorizationRequests: data.require_pushed_authorization_requests ?? false,
  }
}

export const isMetadataFault = (found: SelfRegistration | MetadataFault): found is MetadataFault => 'error' in found

/** Returns the scopes that clients which register themselves may have at most: identity, unless the operator adds others. */
export const selfRegisteredScopes = (more: readonly string[]): string[] =>
  scopeNames().filter((scope) => isIdentityScope(scope) || more.includes(scope))

/** Clients of the Model Context Protocol and others leave out `application_type`, whose default is `web`. */
const isOnDevice = (uris: readonly string[]): boolean =>
  uris.every((uri) => isPrivateUseUri(uri) || (uri.startsWith('http:') && isLoopback(new URL(uri).hostname)))

function allowedScopes(requested: string | undefined, most: readonly string[]): readonly string[] {
  if (requested === undefined) return most
  const names = new Set(requested.split(' '))
  return most.filter((scope) => names.has(scope))
}

/** A name that says where the app is, for one without a name. */
function nameOf([uri = '']: readonly string[]): string {
  const { host, hostname, protocol } = new URL(uri)
  if (isPrivateUseUri(uri) || isLoopback(hostname)) return 'Unnamed app'
  return protocol === 'https:' ? `Unnamed app of ${host}`.slice(0, 128) : 'Unnamed app'
}

const fault = (error: MetadataFault['error'], description: string): MetadataFault => ({ error, description })
const invalid = (description: string): MetadataFault => fault('invalid_client_metadata', description)
