import { normalizeName } from '@daytona-auth/protocol/names'
import { type IdentityScope, isIdentityScope } from '@daytona-auth/protocol/scopes'
import type { OauthApp, Permission, RequestBody } from '@daytona-auth/sdk'
import { type DurationDraft, durationOf, findDurationProblem, secondsOf } from '../../ui/duration.ts'
import { findUriProblems, listUris } from './redirect-uris.ts'
import { isPermission } from './scopes.ts'

export type AppType = OauthApp['type']

/** An app as it is in the form. */
export interface AppDraft {
  readonly name: string
  readonly type: AppType
  /** One a line. */
  readonly redirectUris: string
  readonly postLogoutRedirectUris: string
  readonly identity: ReadonlySet<IdentityScope>
  readonly permissions: ReadonlySet<Permission>
  readonly homepageUri: string
  readonly logoUri: string
  readonly backchannelLogoutUri: string
  /** For `web`: the type of the others decides. */
  readonly requirePkce: boolean
  readonly deviceGrant: boolean
  readonly requirePushedAuthorizationRequests: boolean
  readonly dpopBoundAccessTokens: boolean
  /** For `web`: a secret, or assertions signed with a key, which is at an address or in the registration. */
  readonly authentication: AppAuthentication
  readonly jwksUri: string
  /** JSON. */
  readonly jwks: string
  /** With keys: whether the app signs its authorization requests with them, and how. */
  readonly requireSignedRequestObject: boolean
  readonly requestObjectSigningAlg: SigningAlgorithm | 'any'
  readonly refreshTokenTtl: DurationDraft
  readonly refreshTokenAbsoluteTtl: DurationDraft
  readonly defaultMaxAge: DurationDraft
}

export type AppAuthentication = 'secret' | 'jwks-uri' | 'jwks'

export type SigningAlgorithm = NonNullable<OauthApp['requestObjectSigningAlg']>

export const EMPTY_DRAFT: AppDraft = {
  name: '',
  type: 'web',
  redirectUris: '',
  postLogoutRedirectUris: '',
  identity: new Set<IdentityScope>(['openid', 'profile', 'email']),
  permissions: new Set(),
  homepageUri: '',
  logoUri: '',
  backchannelLogoutUri: '',
  requirePkce: true,
  deviceGrant: false,
  requirePushedAuthorizationRequests: false,
  dpopBoundAccessTokens: false,
  authentication: 'secret',
  jwksUri: '',
  jwks: '',
  requireSignedRequestObject: false,
  requestObjectSigningAlg: 'any',
  refreshTokenTtl: durationOf(null),
  refreshTokenAbsoluteTtl: durationOf(null),
  defaultMaxAge: durationOf(null, 'hours'),
}

export const draftOf = (app: OauthApp): AppDraft => ({
  name: app.name,
  type: app.type,
  redirectUris: app.redirectUris.join('\n'),
  postLogoutRedirectUris: app.postLogoutRedirectUris.join('\n'),
  identity: new Set(app.scopes.filter(isIdentityScope)),
  permissions: new Set(app.scopes.filter(isPermission)),
  homepageUri: app.homepageUri ?? '',
  logoUri: app.logoUri ?? '',
  backchannelLogoutUri: app.backchannelLogoutUri ?? '',
  requirePkce: app.requirePkce,
  deviceGrant: app.deviceGrant,
  requirePushedAuthorizationRequests: app.requirePushedAuthorizationRequests,
  dpopBoundAccessTokens: app.dpopBoundAccessTokens,
  authentication: app.jwksUri !== null ? 'jwks-uri' : app.jwks !== null ? 'jwks' : 'secret',
  jwksUri: app.jwksUri ?? '',
  jwks: app.jwks === null ? '' : JSON.stringify(app.jwks, null, 2),
  requireSignedRequestObject: app.requireSignedRequestObject,
  requestObjectSigningAlg: app.requestObjectSigningAlg ?? 'any',
  refreshTokenTtl: durationOf(app.refreshTokenTtl),
  refreshTokenAbsoluteTtl: durationOf(app.refreshTokenAbsoluteTtl),
  defaultMaxAge: durationOf(app.defaultMaxAge, 'hours'),
})

/** Whether an app authenticates with a secret. */
export const hasSecret = ({ type, tokenEndpointAuthMethod }: OauthApp): boolean =>
  type === 'web' && tokenEndpointAuthMethod === 'client_secret_basic'

/** What is wrong with a draft, by field. */
export interface DraftProblems {
  readonly name?: string | undefined
  readonly redirectUris?: string | undefined
  readonly postLogoutRedirectUris?: string | undefined
  readonly scopes?: string | undefined
  readonly homepageUri?: string | undefined
  readonly logoUri?: string | undefined
  readonly backchannelLogoutUri?: string | undefined
  readonly jwksUri?: string | undefined
  readonly jwks?: string | undefined
  readonly refreshTokenTtl?: string | undefined
  readonly refreshTokenAbsoluteTtl?: string | undefined
  readonly defaultMaxAge?: string | undefined
}

/** Finds what the API would refuse. Problems of single lines are shown beside them. */
export function findDraftProblems(draft: AppDraft): DraftProblems {
  const { type } = draft
  const addressProblem = (text: string): string | undefined => {
    const [first] = findUriProblems(text, 'web')
    return first && `The address ${first.problem}.`
  }
  const listProblem = (text: string): string | undefined =>
    findUriProblems(text, type).length > 0 ? 'Some lines cannot be redirect URIs.' : undefined
  return {
    name: draft.name.trim() === '' ? 'Enter a name.' : undefined,
    redirectUris: listUris(draft.redirectUris).length === 0 ? 'Enter a redirect URI.' : listProblem(draft.redirectUris),
    postLogoutRedirectUris: listProblem(draft.postLogoutRedirectUris),
    scopes: draft.identity.size + draft.permissions.size === 0 ? 'Choose at least one scope.' : undefined,
    homepageUri: addressProblem(draft.homepageUri),
    logoUri: addressProblem(draft.logoUri),
    backchannelLogoutUri: addressProblem(draft.backchannelLogoutUri),
    ...keyProblems(draft, addressProblem),
    refreshTokenTtl: findDurationProblem(draft.refreshTokenTtl, 60),
    refreshTokenAbsoluteTtl: findDurationProblem(draft.refreshTokenAbsoluteTtl, 60),
    defaultMaxAge: findDurationProblem(draft.defaultMaxAge, 0),
  }
}

/** Returns the registration that a draft stands for. An empty address removes it. */
export function registrationOf(draft: AppDraft): RequestBody<'createOauthApp'> {
  const { type, identity, permissions } = draft
  return {
    name: normalizeName(draft.name),
    type,
    redirectUris: listUris(draft.redirectUris),
    postLogoutRedirectUris: listUris(draft.postLogoutRedirectUris),
    scopes: [...identity, ...permissions],
    homepageUri: draft.homepageUri.trim() || null,
    logoUri: draft.logoUri.trim() || null,
    backchannelLogoutUri: draft.backchannelLogoutUri.trim() || null,
    requirePushedAuthorizationRequests: draft.requirePushedAuthorizationRequests,
    dpopBoundAccessTokens: draft.dpopBoundAccessTokens,
    refreshTokenTtl: secondsOf(draft.refreshTokenTtl) ?? null,
    refreshTokenAbsoluteTtl: secondsOf(draft.refreshTokenAbsoluteTtl) ?? null,
    defaultMaxAge: secondsOf(draft.defaultMaxAge) ?? null,
    ...(type === 'web' && {
      requirePkce: draft.requirePkce,
      deviceGrant: draft.deviceGrant,
      ...authenticationOf(draft),
    }),
  }
}

type Registration = RequestBody<'createOauthApp'>

function authenticationOf({ authentication, jwksUri, jwks, ...signing }: AppDraft) {
  const { requireSignedRequestObject, requestObjectSigningAlg: algorithm } = signing
  const hasKeys = authentication !== 'secret'
  const keys = authentication === 'jwks' ? readJwks(jwks) : undefined
  return {
    tokenEndpointAuthMethod: hasKeys ? 'private_key_jwt' : 'client_secret_basic',
    // The API refuses both without keys.
    requireSignedRequestObject: hasKeys && requireSignedRequestObject,
    requestObjectSigningAlg: hasKeys && algorithm !== 'any' ? algorithm : null,
    jwksUri: authentication === 'jwks-uri' ? jwksUri.trim() || null : null,
    jwks: typeof keys === 'object' ? keys : null,
  } as const satisfies Partial<Registration>
}

function keyProblems(
  { type, authentication, jwksUri, jwks }: AppDraft,
  addressProblem: (text: string) => string | undefined,
): Pick<DraftProblems, 'jwks' | 'jwksUri'> {
  if (type !== 'web' || authentication === 'secret') return {}
  if (authentication === 'jwks-uri') {
    return { jwksUri: jwksUri.trim() === '' ? 'Enter the address of the keys.' : addressProblem(jwksUri) }
  }
  const keys = readJwks(jwks)
  return { jwks: typeof keys === 'string' ? keys : undefined }
}

/** Members that only private keys have (RFC 7518 section 6). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']

/** Parses a key set, or one key. Returns the problem as a sentence. The API checks the keys; a private one is never sent. */
function readJwks(text: string): NonNullable<Registration['jwks']> | string {
  if (text.trim() === '') return 'Enter the public keys.'
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return 'It is not JSON.'
  }
  if (typeof parsed !== 'object' || parsed === null) return 'Enter a key set: {"keys": […]}.'
  const keys: unknown = 'keys' in parsed ? parsed.keys : 'kty' in parsed ? [parsed] : undefined
  if (!Array.isArray(keys) || keys.length === 0) return 'Enter a key set: {"keys": […]}.'
  const isPrivate = keys.some((key) => PRIVATE_MEMBERS.some((member) => Object.hasOwn(Object(key), member)))
  if (isPrivate)
    return 'It contains a private key. Enter the public ones only, and do not use this private key any more.'
  return { keys: keys as NonNullable<Registration['jwks']>['keys'] } // the API checks each key
}

/** Whether two drafts stand for the same registration. */
export function isSameDraft(one: AppDraft, other: AppDraft): boolean {
  const normalize = (draft: AppDraft): string => {
    const registration = registrationOf(draft)
    return JSON.stringify({ ...registration, scopes: [...registration.scopes].sort() })
  }
  return normalize(one) === normalize(other)
}
