import { isPermission } from '@daytona-auth/auth'
import { type Consent, type Database, findConsent, newId, type OrganizationId, type UserId } from '@daytona-auth/db'
import type { Grant, KoaContextWithOIDC } from 'oidc-provider'
import { readPageAnswer } from '../../flows/consent/page-answer.ts'
import { scopeNames } from '../policy/claims.ts'
import { isFirstParty, outlivesSession, skipsConsent } from '../policy/policy.ts'
import { requestState } from './request-state.ts'

const KNOWN_SCOPES: ReadonlySet<string> = new Set(scopeNames())

export interface GrantTerms {
  readonly scopes: readonly string[]
  /** Null: all that the user has. */
  readonly organizationIds: readonly OrganizationId[] | null
}

/**
 * What an authorization is granted without a page, by what was agreed to before: every scope asked for, or nothing.
 *
 * A permission counts in an organization only if it was agreed to there. An organization where one of the requested
 * permissions was agreed to and another was not makes the whole request a question: `undefined`.
 */
export function rememberedTerms(requested: readonly string[], consent: Consent): GrantTerms | undefined {
  const permissions = requested.filter(isPermission)
  const identity = requested.filter((scope) => !isPermission(scope))
  if (!isSubset(identity, consent.scopes)) return undefined
  if (permissions.length === 0) return { scopes: requested, organizationIds: [] }

  const concerned = consent.organizations.filter(({ scopes }) => permissions.some((one) => scopes.includes(one)))
  if (concerned.length === 0 || !concerned.every(({ scopes }) => isSubset(permissions, scopes))) return undefined
  return { scopes: requested, organizationIds: concerned.map(({ id }) => id) }
}

const isSubset = (some: readonly string[], all: readonly string[]): boolean => some.every((one) => all.includes(one))

export interface GrantDependencies {
  readonly database: Database
  readonly audience: string
  readonly lifetimeSeconds: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * oidc-provider's `loadExistingGrant`: every authorization gets a grant of its own, from the answer on its own consent
 * page, or without a page from the remembered consent. It is written with its first code; an authorization that comes
 * to nothing leaves none.
 */
export function grantLoader({ database, audience, lifetimeSeconds, now }: GrantDependencies) {
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
    // A first-party client that does not skip the page is native: its page is shown every time.
    if (isFirstParty(client)) return undefined
    const consent = await findConsent(database, viewer.userId, client.clientId)
    return consent && rememberedTerms(requested, consent)
  }

  return async ({ oidc }: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { account, client, session } = oidc
    if (!account || !client || !session) return undefined
    // Accounts are ours: see `accountFinder`.
    const userId = account.accountId as UserId
    const requested = [...oidc.requestParamScopes].filter((scope) => KNOWN_SCOPES.has(scope))
    const terms = await termsOf(oidc, { userId, sessionUid: session.uid }, requested)
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
      scopes: [...terms.scopes],
      organizationIds: terms.organizationIds && [...terms.organizationIds],
      sessionUid: session.uid,
      outlivesSession: outlivesSession(client, oidc.entities.DeviceCode !== undefined),
      session: requestState().session ?? null,
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

/** Identity and permission scopes are granted alike: for the id_token, and for the API that the access token is for. */
function give(grant: Grant, audience: string, { scopes }: GrantTerms): void {
  if (scopes.length === 0) return
  grant.addOIDCScope([...scopes])
  grant.addResourceScope(audience, [...scopes])
}
