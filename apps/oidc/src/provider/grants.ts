import { type Consent, type Database, findConsent, newId, type OrganizationId, type UserId } from '@daytona-auth/db'
import type { Grant, KoaContextWithOIDC } from 'oidc-provider'
import { scopeNames } from './claims.ts'
import { isFirstParty, skipsConsent } from './policy.ts'
import { requestState } from './request-state.ts'

const KNOWN_SCOPES: ReadonlySet<string> = new Set(scopeNames())

export interface GrantTerms {
  /** Of the scopes asked for, those that the app gets. */
  readonly granted: readonly string[]
  /** Those that the person has just now left out; they are not asked for again in this authorization. */
  readonly rejected: readonly string[]
  /** Null: all that the user has. */
  readonly organizationIds: readonly OrganizationId[] | null
}

/**
 * What an authorization is good for, before anything is asked. `undefined` when nothing has been agreed to yet, so that
 * the consent page is shown; scopes that are missing from an earlier consent have the same effect.
 */
export function termsFor(request: {
  readonly requested: readonly string[]
  readonly isFirstParty: boolean
  readonly skipsConsent: boolean
  readonly hasJustAnswered: boolean
  readonly consent: Consent | undefined
}): GrantTerms | undefined {
  const { requested, consent } = request
  if (request.skipsConsent) return { granted: requested, rejected: [], organizationIds: null }
  if (!consent) return undefined
  const agreed = new Set(consent.scopes)
  return {
    granted: requested.filter((scope) => agreed.has(scope)),
    rejected: request.hasJustAnswered ? requested.filter((scope) => !agreed.has(scope)) : [],
    organizationIds: request.isFirstParty ? null : consent.organizationIds,
  }
}

export interface GrantDependencies {
  readonly database: Database
  readonly audience: string
  readonly lifetimeSeconds: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * oidc-provider's `loadExistingGrant`: every authorization gets a grant of its own, copied from the remembered consent.
 * It is written with its first code; an authorization that comes to nothing leaves none.
 */
export function grantLoader({ database, audience, lifetimeSeconds, now }: GrantDependencies) {
  return async ({ oidc }: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { account, client, session } = oidc
    if (!account || !client || !session) return undefined
    // Accounts are ours: see `accountFinder`.
    const userId = account.accountId as UserId
    const terms = termsFor({
      requested: [...oidc.requestParamScopes].filter((scope) => KNOWN_SCOPES.has(scope)),
      isFirstParty: isFirstParty(client),
      skipsConsent: skipsConsent(client),
      hasJustAnswered: oidc.result?.consent !== undefined,
      consent: skipsConsent(client) ? undefined : await findConsent(database, userId, client.clientId),
    })
    if (!terms) return undefined

    const grant = new oidc.provider.Grant({ accountId: userId, clientId: client.clientId })
    const id = newId('grant')
    grant.jti = id
    give(grant, audience, terms)

    const iat = Math.floor(now() / 1000)
    const exp = iat + lifetimeSeconds
    requestState().unborn = {
      id,
      userId,
      clientId: client.clientId,
      scopes: [...terms.granted],
      organizationIds: terms.organizationIds && [...terms.organizationIds],
      sessionUid: session.uid,
      session: requestState().session ?? null,
      isConsented: !skipsConsent(client),
      payload: {
        ...{ iat, exp, kind: 'Grant', jti: id, accountId: userId, clientId: client.clientId },
        ...{ openid: grant.openid, resources: grant.resources, rejected: grant.rejected },
      },
      expiresAt: exp,
    }
    return grant
  }
}

/** Identity and permission scopes are granted alike: for the id_token, and for the API that the access token is for. */
function give(grant: Grant, audience: string, { granted, rejected }: GrantTerms): void {
  if (granted.length > 0) {
    grant.addOIDCScope([...granted])
    grant.addResourceScope(audience, [...granted])
  }
  if (rejected.length > 0) {
    grant.rejectOIDCScope([...rejected])
    grant.rejectResourceScope(audience, [...rejected])
  }
}
