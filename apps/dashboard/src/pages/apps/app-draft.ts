import { normalizeName } from '@daytona-auth/protocol/names'
import { type IdentityScope, isIdentityScope } from '@daytona-auth/protocol/scopes'
import type { OauthApp, Permission, RequestBody } from '@daytona-auth/sdk'
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
}

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
})

/** What is wrong with a draft, by field. */
export interface DraftProblems {
  readonly name?: string | undefined
  readonly redirectUris?: string | undefined
  readonly postLogoutRedirectUris?: string | undefined
  readonly scopes?: string | undefined
  readonly homepageUri?: string | undefined
  readonly logoUri?: string | undefined
  readonly backchannelLogoutUri?: string | undefined
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
    ...(type === 'web' && { requirePkce: draft.requirePkce, deviceGrant: draft.deviceGrant }),
  }
}

/** Whether two drafts stand for the same registration. */
export function isSameDraft(one: AppDraft, other: AppDraft): boolean {
  const normalize = (draft: AppDraft): string => {
    const registration = registrationOf(draft)
    return JSON.stringify({ ...registration, scopes: [...registration.scopes].sort() })
  }
  return normalize(one) === normalize(other)
}
