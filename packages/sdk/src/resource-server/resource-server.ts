import { faultOfKey } from '../key-form.ts'
import { type TokenClaims, tokenVerifier } from './access-token.ts'
import { boundedAnswers } from './answers.ts'
import { bearerOf, looksLikeToken } from './bearer.ts'
import { endpointsOf } from './discovery.ts'
import { type Introspected, introspection } from './introspection.ts'
import { type ResourceServerOptions, settingsOf } from './options.ts'
import { type OrganizationAccess, type Principal, permits } from './principal.ts'
import { ProviderFault } from './provider-fault.ts'
import { type CredentialKind, type Refusal, refusals } from './refusal.ts'
import { permissionsOf, type Requirement } from './requirement.ts'

/** Of a request, what decides who asks, and where. */
export interface Presented {
  readonly authorization: string | null | undefined
  /** `X-Daytona-Organization-ID`. */
  readonly organizationId: string | null | undefined
}

export type Decision = { readonly principal: Principal } | { readonly refusal: Refusal }

/** Tells who asks, and says no to whoever may not. */
export interface ResourceServer {
  /**
   * For servers that answer a `Request` by a `Response`: who asks, or the answer that refuses.
   * @throws TypeError for a requirement that is none
   */
  guard(request: Request, requirement: Requirement): Promise<Principal | Response>
  /**
   * For any other server: the same, of what was presented.
   * @throws TypeError for a requirement that is none
   */
  decide(presented: Presented, requirement: Requirement): Promise<Decision>
}

/**
 * Protects an API by the credentials of a Daytona Auth server: access tokens, whose signature and claims are verified
 * here by the keys that the provider publishes, and API keys, of which the provider is asked (RFC 7662). Nothing is
 * asked of anybody before the first request.
 * @throws TypeError for options that make no sense
 */
export function createResourceServer(options: ResourceServerOptions): ResourceServer {
  const settings = settingsOf(options)
  const { accessTokens, cacheMs, cacheSize, clock, onFault } = settings
  const endpoints = endpointsOf(settings)
  const verified = tokenVerifier(settings, endpoints)
  const introspect = introspection(settings, endpoints)
  const answerTo = boundedAnswers<Introspected>({
    ask: (credential) => introspect(credential, looksLikeToken(credential) ? 'access_token' : 'api_key'),
    maxAgeMs: cacheMs,
    size: cacheSize,
    clock,
  })
  const refuse = refusals(settings.resourceMetadataUrl)

  /** A good credential with what it reaches; `undefined` for any other. */
  async function known(credential: string): Promise<Introspected | TokenClaims | undefined> {
    if (!looksLikeToken(credential)) {
      // What the provider cannot have made is not asked about.
      const answer = faultOfKey(credential) === undefined ? await answerTo(credential) : undefined
      return answer?.kind === 'api-key' ? answer : undefined
    }
    const claims = await verified(credential)
    if (claims === undefined || accessTokens === 'offline') return claims
    const answer = await answerTo(credential)
    return answer?.kind === 'access-token' && answer.userId === claims.userId ? answer : undefined
  }

  async function decided({ authorization, organizationId }: Presented, requirement: Requirement): Promise<Decision> {
    const required = permissionsOf(requirement)
    const credential = bearerOf(authorization)
    if (credential === undefined) return { refusal: refuse.unauthorized('none') }
    const kind: CredentialKind = looksLikeToken(credential) ? 'access-token' : 'api-key'
    const found = await known(credential)
    if (found === undefined || (found.expiresAt !== undefined && found.expiresAt <= clock.now())) {
      return { refusal: refuse.unauthorized(kind) }
    }
    if (!('organizations' in found))
      return granted({ kind: 'access-token', ...found, organization: undefined }, required)
    const { organizations, ...who } = found
    const organization = meant(organizations, organizationId ?? undefined)
    if (organization === 'foreign') return { refusal: refuse.foreignOrganization() }
    if (organization === undefined && required.length > 0) {
      return { refusal: refuse.unclearOrganization(organizations.length) }
    }
    return granted({ ...who, organization }, required)
  }

  /** What a token that was verified offline is good for is all that it says itself. */
  function granted(principal: Principal, required: ReturnType<typeof permissionsOf>) {
    const scopes = principal.kind === 'access-token' ? principal.scopes : []
    const held = principal.organization?.permissions ?? scopes
    const missing = required.filter((permission) => !permits(held, permission))
    return missing.length === 0 ? { principal } : { refusal: refuse.insufficientScope(missing) }
  }

  async function decide(presented: Presented, requirement: Requirement): Promise<Decision> {
    try {
      return await decided(presented, requirement)
    } catch (error) {
      if (!(error instanceof ProviderFault)) throw error
      onFault(error)
      return { refusal: refuse.undecided(error) }
    }
  }

  return {
    decide,
    async guard({ headers }, requirement) {
      const presented = {
        authorization: headers.get('authorization'),
        organizationId: headers.get('x-daytona-organization-id'),
      }
      const decision = await decide(presented, requirement)
      if ('principal' in decision) return decision.principal
      const { statusCode, headers: sent, body } = decision.refusal
      return new Response(JSON.stringify(body), { status: statusCode, headers: sent })
    },
  }
}

/** The organization that a request means, of those that its credential reaches: chosen as the API chooses it. */
function meant(within: readonly OrganizationAccess[], id: string | undefined) {
  if (id !== undefined) return within.find((organization) => organization.id === id) ?? 'foreign'
  return within.length === 1 ? within[0] : undefined
}
