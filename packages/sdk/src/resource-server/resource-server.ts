import { organizationReader } from '@daytona-auth/protocol/organization-header'
import { proofCheck } from '@daytona-auth/protocol/token-proof'
import { findKeyFault } from '../key-format.ts'
import type { Permission } from '../schemas.ts'
import { createTokenVerifier, type TokenClaims, type VerifiedToken } from './access-token.ts'
import { createAnswerCache } from './answer-cache.ts'
import { looksLikeToken, readBearer, readBoundToken } from './bearer.ts'
import { createDenials, type Denial } from './denial.ts'
import { createEndpointReader } from './discovery.ts'
import { createIntrospection, type Introspected } from './introspection.ts'
import type { ResourceMetadata } from './metadata.ts'
import { type ResourceServerOptions, resolveSettings } from './options.ts'
import { type OrganizationAccess, type Principal, permits } from './principal.ts'
import { ProviderFault } from './provider-fault.ts'
import { listRequiredPermissions, listRequiredScopes, type Requirement } from './requirement.ts'

/** The headers of a request that identify its caller and organization. */
export interface PresentedCredentials {
  readonly authorization: string | null | undefined
  /** The value of the header that selects the organization. */
  readonly organizationId: string | null | undefined
  /** The request that a token's proof must be of. Without it, tokens that are bound to a key are refused. */
  readonly request?: PresentedRequest | undefined
}

export interface PresentedRequest {
  readonly method: string
  /** Path of the URL that the client requested. */
  readonly path: string
  /** The value of the `DPoP` header. */
  readonly proof: string | null | undefined
}

/** What was found about a credential, or why it is refused. */
type Found = Introspected | TokenClaims | Denial

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
  /** @throws TypeError for a requirement that this resource server cannot check */
  requireValid(requirement: Requirement): void
  /** Metadata for clients (RFC 9728), if the API has its own audience and scopes: serve `document` at `path`. */
  readonly metadata: ResourceMetadata | undefined
}

/**
 * Creates a resource server that accepts credentials of a Daytona Auth server: access tokens, whose signature and claims
 * are verified with the provider's published keys, and API keys, which the provider introspects (RFC 7662). No request is
 * sent before the first caller.
 * @throws TypeError for invalid options
 */
export function createResourceServer(options: ResourceServerOptions): ResourceServer {
  const settings = resolveSettings(options)
  const { accessTokens, cacheMs, cacheSize, clock, onFault, origin, scopes: ownScopes, metadata } = settings
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
  const checkProof = proofCheck({ now: () => clock.now(), monotonicNow: () => clock.monotonic() })

  /** Verifies a bearer credential. */
  async function verifyBearer(credential: string): Promise<Found> {
    if (looksLikeToken(credential)) {
      const verifiedToken = await verified(credential)
      if (verifiedToken?.confirmation !== undefined) return deny.unproven('invalid_token')
      return (await confirm(credential, verifiedToken)) ?? deny.unauthorized('access-token')
    }
    // An API key has permissions of Daytona's API only.
    if (ownScopes) return deny.unauthorized('api-key')
    // A key with an invalid format is not sent to the provider.
    const answer = findKeyFault(credential) === undefined ? await answerTo(credential) : undefined
    return answer?.kind === 'api-key' ? answer : deny.unauthorized('api-key')
  }

  /** Verifies a token that was sent with a proof of its key (RFC 9449 section 7.1). */
  async function verifyBound(token: string, request: PresentedRequest | undefined): Promise<Found> {
    const verifiedToken = looksLikeToken(token) ? await verified(token) : undefined
    const thumbprint = verifiedToken?.confirmation
    if (thumbprint === undefined || origin === undefined || request === undefined) {
      return deny.unproven('invalid_token')
    }
    const { method, path, proof } = request
    const fault = await checkProof({ method, url: origin + path, proof: proof ?? undefined }, token, thumbprint)
    if (fault !== undefined) return deny.unproven('invalid_dpop_proof')
    return (await confirm(token, verifiedToken)) ?? deny.unauthorized('access-token')
  }

  /** Asks the provider for a token whose claims are valid, unless tokens are verified offline. */
  async function confirm(token: string, verifiedToken: VerifiedToken | undefined) {
    if (verifiedToken === undefined || accessTokens === 'offline') return verifiedToken?.claims
    const answer = await answerTo(token)
    return answer?.kind === 'access-token' && answer.userId === verifiedToken.claims.userId ? answer : undefined
  }

  async function decideOrThrow(
    { authorization, organizationId, request }: PresentedCredentials,
    requirement: Requirement,
  ): Promise<Decision> {
    const required = listRequired(requirement)
    const bearer = readBearer(authorization)
    const bound = bearer === undefined ? readBoundToken(authorization) : undefined
    if (bearer === undefined && bound === undefined) return { denial: deny.unauthorized('none') }
    const found = bearer === undefined ? await verifyBound(bound ?? '', request) : await verifyBearer(bearer)
    if ('statusCode' in found) return { denial: found }
    if (found.expiresAt !== undefined && found.expiresAt <= clock.now()) {
      return { denial: deny.unauthorized('apiKeyId' in found ? 'api-key' : 'access-token') }
    }
    if (!('organizations' in found)) return check({ kind: 'access-token', ...found, organization: undefined }, required)
    const { organizations, ...who } = found
    if (ownScopes) return check({ ...who, organization: undefined }, required)
    const organization = selectOrganization(organizations, organizationId ?? undefined)
    if (organization === 'foreign') return { denial: deny.foreignOrganization() }
    if (organization === undefined && required.length > 0) {
      return { denial: deny.ambiguousOrganization(organizations.length) }
    }
    return check({ ...who, organization }, required)
  }

  /** Lists what a requirement names: scopes of this API if it has its own audience, permissions otherwise. */
  const listRequired = (requirement: Requirement): readonly string[] =>
    ownScopes ? listRequiredScopes(requirement, ownScopes) : listRequiredPermissions(requirement)

  /** Compares what is held and required. A token that was verified offline holds its scopes. */
  function check(principal: Principal, required: readonly string[]): Decision {
    const scopes = principal.kind === 'access-token' ? principal.scopes : new Set<string>()
    const held = principal.organization?.permissions ?? scopes
    // A scope implies no other one. Without own scopes, each name is a permission: see `listRequired`.
    const missing = required.filter((name) => !(ownScopes ? scopes.has(name) : permits(held, name as Permission)))
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
    metadata,
    requireValid: (requirement) => void listRequired(requirement),
    async guard({ headers, method, url }, requirement) {
      const presented = {
        authorization: headers.get('authorization'),
        organizationId: namedOrganization(headers),
        request: { method, path: new URL(url).pathname, proof: headers.get('dpop') },
      }
      const decision = await decide(presented, requirement)
      if ('principal' in decision) return decision.principal
      const { statusCode, headers: sent, body } = decision.denial
      return new Response(JSON.stringify(body), { status: statusCode, headers: sent })
    },
  }
}

const namedOrganization = organizationReader((headers: Headers, name) => headers.get(name))

/** Selects the organization of a request by the API's rules. */
function selectOrganization(within: readonly OrganizationAccess[], id: string | undefined) {
  if (id !== undefined) return within.find((organization) => organization.id === id) ?? 'foreign'
  return within.length === 1 ? within[0] : undefined
}
