import { findKeyFault } from '../key-format.ts'
import { createTokenVerifier, type TokenClaims } from './access-token.ts'
import { createAnswerCache } from './answer-cache.ts'
import { looksLikeToken, readBearer } from './bearer.ts'
import { type CredentialKind, createDenials, type Denial } from './denial.ts'
import { createEndpointReader } from './discovery.ts'
import { createIntrospection, type Introspected } from './introspection.ts'
import { type ResourceServerOptions, resolveSettings } from './options.ts'
import { type OrganizationAccess, type Principal, permits } from './principal.ts'
import { ProviderFault } from './provider-fault.ts'
import { listRequiredPermissions, type Requirement } from './requirement.ts'

/** The headers of a request that identify its caller and organization. */
export interface PresentedCredentials {
  readonly authorization: string | null | undefined
  /** `X-Daytona-Organization-ID`. */
  readonly organizationId: string | null | undefined
}

export type Decision = { readonly principal: Principal } | { readonly denial: Denial }

/** Verifies callers and authorizes their requests. */
export interface ResourceServer {
  /**
   * Authorizes a `Request`; returns its principal, or the `Response` that refuses it.
   * @throws TypeError for an invalid requirement
   */
  guard(request: Request, requirement: Requirement): Promise<Principal | Response>
  /**
   * Authorizes a request of any other server by its headers.
   * @throws TypeError for an invalid requirement
   */
  decide(presented: PresentedCredentials, requirement: Requirement): Promise<Decision>
}

/**
 * Creates a resource server that accepts credentials of a Daytona Auth server: access tokens, whose signature and claims
 * are verified with the provider's published keys, and API keys, which the provider introspects (RFC 7662). No request is
 * sent before the first caller.
 * @throws TypeError for invalid options
 */
export function createResourceServer(options: ResourceServerOptions): ResourceServer {
  const settings = resolveSettings(options)
  const { accessTokens, cacheMs, cacheSize, clock, onFault } = settings
  const endpoints = createEndpointReader(settings)
  const verified = createTokenVerifier(settings, endpoints)
  const introspect = createIntrospection(settings, endpoints)
  const answerTo = createAnswerCache<Introspected>({
    load: (credential) => introspect(credential, looksLikeToken(credential) ? 'access_token' : 'api_key'),
    maxAgeMs: cacheMs,
    size: cacheSize,
    clock,
  })
  const deny = createDenials(settings.resourceMetadataUrl)

  /** Verifies a credential; `undefined` if it is not valid. */
  async function verifyCredential(credential: string): Promise<Introspected | TokenClaims | undefined> {
    if (!looksLikeToken(credential)) {
      // A key with an invalid format is not sent to the provider.
      const answer = findKeyFault(credential) === undefined ? await answerTo(credential) : undefined
      return answer?.kind === 'api-key' ? answer : undefined
    }
    const claims = await verified(credential)
    if (claims === undefined || accessTokens === 'offline') return claims
    const answer = await answerTo(credential)
    return answer?.kind === 'access-token' && answer.userId === claims.userId ? answer : undefined
  }

  async function decideOrThrow(
    { authorization, organizationId }: PresentedCredentials,
    requirement: Requirement,
  ): Promise<Decision> {
    const required = listRequiredPermissions(requirement)
    const credential = readBearer(authorization)
    if (credential === undefined) return { denial: deny.unauthorized('none') }
    const kind: CredentialKind = looksLikeToken(credential) ? 'access-token' : 'api-key'
    const found = await verifyCredential(credential)
    if (found === undefined || (found.expiresAt !== undefined && found.expiresAt <= clock.now())) {
      return { denial: deny.unauthorized(kind) }
    }
    if (!('organizations' in found))
      return checkPermissions({ kind: 'access-token', ...found, organization: undefined }, required)
    const { organizations, ...who } = found
    const organization = selectOrganization(organizations, organizationId ?? undefined)
    if (organization === 'foreign') return { denial: deny.foreignOrganization() }
    if (organization === undefined && required.length > 0) {
      return { denial: deny.ambiguousOrganization(organizations.length) }
    }
    return checkPermissions({ ...who, organization }, required)
  }

  /** Compares held and required permissions. A token that was verified offline holds its scopes. */
  function checkPermissions(principal: Principal, required: ReturnType<typeof listRequiredPermissions>) {
    const scopes = principal.kind === 'access-token' ? principal.scopes : []
    const held = principal.organization?.permissions ?? scopes
    const missing = required.filter((permission) => !permits(held, permission))
    return missing.length === 0 ? { principal } : { denial: deny.insufficientScope(missing) }
  }

  async function decide(presented: PresentedCredentials, requirement: Requirement): Promise<Decision> {
    try {
      return await decideOrThrow(presented, requirement)
    } catch (error) {
      if (!(error instanceof ProviderFault)) throw error
      onFault(error)
      return { denial: deny.undecided(error) }
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
      const { statusCode, headers: sent, body } = decision.denial
      return new Response(JSON.stringify(body), { status: statusCode, headers: sent })
    },
  }
}

/** Selects the organization of a request by the API's rules. */
function selectOrganization(within: readonly OrganizationAccess[], id: string | undefined) {
  if (id !== undefined) return within.find((organization) => organization.id === id) ?? 'foreign'
  return within.length === 1 ? within[0] : undefined
}
