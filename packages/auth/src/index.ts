export { digestOf, isKey, KEY_PATTERN, looksLikeKey, type MintedKey, mask, mintKey } from './credential/api-key.ts'
export { bearerOf, misplacedIn } from './credential/credential.ts'
export { callerFacts } from './http/caller-facts.ts'
export { type Challenge, challenges, insufficientScope } from './http/challenge.ts'
export { queryDenied } from './http/guard.ts'
export { ORGANIZATION_HEADER } from './http/organization.ts'
export {
  type AuthenticationOptions,
  authentication,
  callerFactsOf,
  type OnDecision,
  type OnDenial,
} from './http/plugin.ts'
export { type Confirmed, credentialEnded, requestAuthority } from './http/request-authority.ts'
export type { Access, OrganizationSource } from './http/route-access.ts'
export { limiterMetrics } from './limits/limiter-metrics.ts'
export { type LookUp, type LookUpLimiter, lookUpLimiter } from './limits/look-up-limiter.ts'
export { type OnCount, type RateLimiter, rateLimiter, secondsLeft } from './limits/rate-limiter.ts'
export { type SharedLimits, sharedLimits } from './limits/shared-limits.ts'
export {
  ALL_PERMISSIONS,
  intersect,
  isPermission,
  NO_PERMISSIONS,
  namesOf,
  PERMISSIONS,
  type Permission,
  type PermissionSet,
  parsePermissions,
  permissionNames,
  permissionsBeyond,
  permits,
  union,
} from './principal/permission.ts'
export {
  type ApiKeyPrincipal,
  isExpired,
  isPerson,
  type KnownKey,
  type OrganizationAccess,
  type Principal,
  type Suspension,
  suspensionAt,
  type TokenPrincipal,
} from './principal/principal.ts'
export { type Answer, type CredentialDenial, type DenialReason, isDenied } from './principal/result.ts'
export type { Change } from './verification/cache.ts'
export { channelMetrics } from './verification/channel-metrics.ts'
export { type InvalidationGroup, invalidationGroup } from './verification/invalidation-group.ts'
export { createVerifier, type Verifier, type VerifierOptions } from './verification/verifier.ts'
