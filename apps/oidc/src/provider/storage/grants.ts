import { scopeNames } from '@daytona-auth/accounts/scopes'
import { isPermission } from '@daytona-auth/auth'
import { type Database, newId, type OrganizationId, type UserId } from '@daytona-auth/db/core'
import { type Consent, findConsent } from '@daytona-auth/db/grants'
import type { Grant, KoaContextWithOIDC } from 'oidc-provider'
import { isFirstParty, outlivesSession, skipsConsent } from '../policy/policy.ts'
import { requestContext } from '../request-context.ts'
import { readPageAnswer } from './page-answer.ts'

const KNOWN_SCOPES: ReadonlySet<string> = new Set(scopeNames())

export interface GrantTerms {
  readonly scopes: readonly string[]
  /** Null: all of the user's organizations. */
  readonly organizationIds: readonly OrganizationId[] | null
}

/**
 * Returns the terms granted without a page, from remembered consent: every requested scope, or `undefined`.
 *
 * A permission counts in an organization only if it was agreed to there. If an organization has consent for some of the
 * requested permissions but not all, the user is asked again: `undefined`.
 */
export function rememberedTerms(requested: readonly string[], consent: Consent): GrantTerms | undefined {
  const permissions = requested.filter(isPermission)
  const identity = requested.filter((scope) => !isPermission(scope))
  if (!isSubset(identity, consent.scopes)) return undefined
  if (permissions.length === 0) return { scopes: requested, organizationIds: [] }

  const affected = consent.organizations.filter(({ scopes }) => permissions.some((one) => scopes.includes(one)))
  if (affected.length === 0 || !affected.every(({ scopes }) => isSubset(permissions, scopes))) return undefined
  return { scopes: requested, organizationIds: affected.map(({ id }) => id) }
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
  ): Promise<GrantTerms | undefined> {
    if (!client) return undefined
    if (skipsConsent(client)) return { scopes: requested, organizationIds: null }
    if (result?.consent !== undefined) {
      const answer = readPageAnswer(result, viewer)
      if (!answer) return undefined
      const scopes = requested.filter((scope) => answer.scopes.includes(scope))
      return { scopes, organizationIds: isFirstParty(client) ? null : answer.organizationIds }
    }
    // A first-party client that does not skip the page is native: the page is shown every time.
    if (isFirstParty(client)) return undefined
    const consent = await findConsent(database, viewer.userId, client.clientId)
    return consent && rememberedTerms(requested, consent)
  }

  return async ({ oidc }: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { account, client, session } = oidc
    if (!account || !client || !session) return undefined
    // `createAccountFinder` returns only our own accounts.
    const userId = account.accountId as UserId
    const requested = [...oidc.requestParamScopes].filter((scope) => KNOWN_SCOPES.has(scope))
    const terms = await termsOf(oidc, { userId, sessionUid: session.uid }, requested)
    if (!terms) return undefined

    const grant = new oidc.provider.Grant({ accountId: userId, clientId: client.clientId })
    const id = newId('grant')
    grant.jti = id
    grantScopes(grant, audience, terms)

    const iat = Math.floor(now() / 1000)
    const outlives = outlivesSession(client, oidc.entities.DeviceCode !== undefined)
    // A session that begins with this request has not been saved yet and has no `iat`.
    const sessionEndsAt = (session.iat ?? iat) + sessionEndSeconds
    const exp = outlives ? iat + lifetimeSeconds : Math.min(iat + lifetimeSeconds, sessionEndsAt)
    requestContext().newGrant = {
      id,
      userId,
      clientId: client.clientId,
      scopes: [...terms.scopes],
      organizationIds: terms.organizationIds && [...terms.organizationIds],
      sessionUid: session.uid,
      outlivesSession: outlives,
      session: requestContext().session ?? null,
      isConsented: !skipsConsent(client),
      payload: {
        iat,
        exp,
        kind: 'Grant',
        jti: id,
        accountId: userId,
        clientId: client.clientId,
        openid: grant.openid,
        resources: grant.resources,
      },
      expiresAt: exp,
    }
    return grant
  }
}

/** Grants identity scopes and permissions alike: for the id_token, and for the API's resource. */
function grantScopes(grant: Grant, audience: string, { scopes }: GrantTerms): void {
  if (scopes.length === 0) return
  grant.addOIDCScope([...scopes])
  grant.addResourceScope(audience, [...scopes])
}
