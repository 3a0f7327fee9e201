import { isPermission } from '@daytona-auth/auth'
import { type ActiveResourceServer, listDenyingOrganizations } from '@daytona-auth/db/clients'
import { type Database, newId, type OrganizationId, type UserId } from '@daytona-auth/db/core'
import { type Consent, findConsent } from '@daytona-auth/db/grants'
import { isIdentityScope, scopeNames } from '@daytona-auth/protocol/scopes'
import type { Grant, KoaContextWithOIDC } from 'oidc-provider'
import { isFirstParty, outlivesSession, skipsConsent } from '../policy/policy.ts'
import { requestContext } from '../request-context.ts'
import { readPageAnswer } from './page-answer.ts'

const KNOWN_SCOPES: ReadonlySet<string> = new Set(scopeNames())

export interface GrantTerms {
  /** Identity scopes and permissions, or the identity scopes and those of an API with its own audience. */
  readonly scopes: readonly string[]
  /** Requested scopes that the user left out. The page is not shown again for them. */
  readonly declined?: readonly string[]
  /** Null: all of the user's organizations. */
  readonly organizationIds: readonly OrganizationId[] | null
}

/**
 * Returns the terms granted without a page, from remembered consent: every requested scope but those that the user left out
 * before, or `undefined`. An app that needs one of those asks with `prompt=consent`.
 *
 * A permission counts in an organization only if it was agreed to there. If an organization has consent for some of the
 * requested permissions but not all, the user is asked again: `undefined`.
 */
export function rememberedTerms(asked: readonly string[], consent: Consent): GrantTerms | undefined {
  const requested = asked.filter((scope) => !consent.declined.includes(scope))
  if (requested.length === 0) return undefined
  const declined = asked.filter((scope) => consent.declined.includes(scope))
  const permissions = requested.filter(isPermission)
  const identity = requested.filter((scope) => !isPermission(scope))
  if (!isSubset(identity, consent.scopes)) return undefined
  if (permissions.length === 0) return { scopes: requested, declined, organizationIds: [] }

  const affected = consent.organizations.filter(({ scopes }) => permissions.some((one) => scopes.includes(one)))
  if (affected.length === 0 || !affected.every(({ scopes }) => isSubset(permissions, scopes))) return undefined
  return { scopes: requested, declined, organizationIds: affected.map(({ id }) => id) }
}

const isSubset = (some: readonly string[], all: readonly string[]): boolean => some.every((one) => all.includes(one))

export interface GrantDependencies {
  readonly database: Database
  readonly audience: string
  readonly lifetimeSeconds: number
  /** How long after its start a browser session ends, and with it the grants that do not outlive it. */
  readonly sessionEndSeconds: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Creates oidc-provider's `loadExistingGrant`. Every authorization gets its own grant, from the answer on its consent
 * page or, without a page, from remembered consent. The grant is inserted with its first code, so an abandoned
 * authorization leaves none.
 */
export function createGrantLoader({ database, audience, lifetimeSeconds, sessionEndSeconds, now }: GrantDependencies) {
  async function termsOf(
    { client, result }: KoaContextWithOIDC['oidc'],
    viewer: { readonly userId: UserId; readonly sessionUid: string },
    requested: readonly string[],
    resource: ActiveResourceServer | undefined,
  ): Promise<GrantTerms | undefined> {
    if (!client) return undefined
    // Consent for an API with its own audience is not remembered: its page is shown for each authorization.
    if (resource) {
      const answer = readPageAnswer(result, viewer)
      if (!answer || answer.resourceServerId !== resource.id) return undefined
      return {
        scopes: requested.filter((scope) => answer.scopes.includes(scope)),
        declined: answer.declined,
        organizationIds: [],
      }
    }
    if (skipsConsent(client)) return { scopes: requested, organizationIds: null }
    if (result?.consent !== undefined) {
      const answer = readPageAnswer(result, viewer)
      if (!answer || answer.resourceServerId !== undefined) return undefined
      const scopes = requested.filter((scope) => answer.scopes.includes(scope))
      return {
        scopes,
        declined: answer.declined,
        organizationIds: isFirstParty(client) ? null : answer.organizationIds,
      }
    }
    // A first-party client that does not skip the page is native: the page is shown every time.
    if (isFirstParty(client)) return undefined
    const consent = await findConsent(database, viewer.userId, client.clientId)
    const terms = consent && rememberedTerms(requested, consent)
    if (!terms?.organizationIds?.length) return terms
    // The page says why, if each of them denies the app. An app that one of them allows gets all: what counts is decided at use.
    const denying = new Set(
      (await listDenyingOrganizations(database, viewer.userId, client.clientId)).map(({ id }) => id),
    )
    return terms.organizationIds.every((id) => denying.has(id)) ? undefined : terms
  }

  return async ({ oidc }: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { account, client, session } = oidc
    if (!account || !client || !session) return undefined
    // `createAccountFinder` returns only our own accounts.
    const userId = account.accountId as UserId
    const resource = targetOf(oidc)
    const isGrantable = resource ? createResourceScopeFilter(resource) : (scope: string) => KNOWN_SCOPES.has(scope)
    const requested = [...oidc.requestParamScopes].filter(isGrantable)
    const terms = await termsOf(oidc, { userId, sessionUid: session.uid }, requested, resource)
    if (!terms) return undefined

    const grant = new oidc.provider.Grant({ accountId: userId, clientId: client.clientId })
    const id = newId('grant')
    grant.jti = id
    rejectScopes(grant, resource?.identifier ?? audience, terms)
    const { scopes, resourceScopes } = splitScopes(terms, resource)
    if (scopes.length > 0) grant.addOIDCScope(scopes)
    const granted = resource ? resourceScopes : scopes
    if (granted.length > 0) grant.addResourceScope(resource?.identifier ?? audience, granted)

    const iat = Math.floor(now() / 1000)
    const outlives = outlivesSession(client, oidc.entities.DeviceCode !== undefined)
    // A session that begins with this request has not been saved yet and has no `iat`.
    const sessionEndsAt = (session.iat ?? iat) + sessionEndSeconds
    const exp = outlives ? iat + lifetimeSeconds : Math.min(iat + lifetimeSeconds, sessionEndsAt)
    requestContext().newGrant = {
      id,
      userId,
      clientId: client.clientId,
      scopes,
      organizationIds: terms.organizationIds && [...terms.organizationIds],
      sessionUid: session.uid,
      outlivesSession: outlives,
      session: requestContext().session ?? null,
      isConsented: !skipsConsent(client),
      payload: {
        iat,
        exp,
        kind: 'Grant',
        // How its user signed in: an organization may require another way (`isSignInAllowedSql`), and it may have ended.
        acr: session.acr,
        ...originOf(session),
        jti: id,
        accountId: userId,
        clientId: client.clientId,
        openid: grant.openid,
        resources: grant.resources,
      },
      resource: resource ? { id: resource.id, scopes: resourceScopes } : null,
      expiresAt: exp,
    }
    return grant
  }
}

/** The members of a session that the library does not know: see `keepOriginOfLogin`. */
const originOf = (session: object): { readonly identity: unknown; readonly signInVersion: unknown } => {
  const { identity, signInVersion } = session as { readonly identity?: unknown; readonly signInVersion?: unknown }
  return { identity, signInVersion }
}

/** Returns the API that the request is for, if it is not our own. The library has looked it up before it loads a grant. */
function targetOf({ params, resourceServers }: KoaContextWithOIDC['oidc']): ActiveResourceServer | undefined {
  const resource = params?.['resource']
  if (typeof resource !== 'string' || !Object.hasOwn(resourceServers ?? {}, resource)) return undefined
  return requestContext().resourceServers.get(resource)
}

/** A grant for another API has none of our permissions. */
function createResourceScopeFilter({ scopes }: ActiveResourceServer): (scope: string) => boolean {
  const names = new Set(scopes.map(({ name }) => name))
  return (scope) => isIdentityScope(scope) || names.has(scope)
}

/** Splits granted scopes into those of the id_token and those of another API. Our own API gets all of them. */
function splitScopes({ scopes }: GrantTerms, resource: ActiveResourceServer | undefined) {
  if (!resource) return { scopes: [...scopes], resourceScopes: [] }
  return { scopes: scopes.filter(isIdentityScope), resourceScopes: scopes.filter((scope) => !isIdentityScope(scope)) }
}

/** The library asks for consent to every requested scope that is neither granted nor rejected. */
function rejectScopes(grant: Grant, resource: string, { declined = [] }: GrantTerms): void {
  if (declined.length === 0) return
  grant.rejectOIDCScope([...declined])
  grant.rejectResourceScope(resource, [...declined])
}
