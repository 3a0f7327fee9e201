export { PERMISSIONS, type Permission, permissionNames } from '@daytona-auth/protocol/scopes'
export { digestOf, isKey, looksLikeKey, type MintedKey, mintKey } from './credential/api-key.ts'
export { bearerOf, boundTokenOf, misplacedIn } from './credential/credential.ts'
export { FORM_FAULTS, type FormFault } from './credential/form-faults.ts'
export { callerFacts } from './http/caller-facts.ts'
export { type Challenge, challenges, insufficientScope } from './http/challenge.ts'
export { queryDenied } from './http/guard.ts'
export {
  type AuthenticationOptions,
  authentication,
  callerFactsOf,
  type DecidedRoute,
  type OnDecision,
  type OnDenial,
} from './http/plugin.ts'
export { RATE_LIMIT_HEADERS, takeFromLimit } from './http/rate-limit-headers.ts'
export { type Confirmed, credentialEnded, requestAuthority } from './http/request-authority.ts'
export type { Access, OrganizationSource } from './http/route-access.ts'
export { limiterMetrics } from './limits/limiter-metrics.ts'
export { type LookUp, type LookUpLimiter, lookUpLimiter } from './limits/look-up-limiter.ts'
export { entries } from './limits/lru-options.ts'
export { type OnCount, type RateLimiter, rateLimiter, secondsLeft } from './limits/rate-limiter.ts'
export { type SharedLimits, sharedLimits } from './limits/shared-limits.ts'
export {
  ALL_PERMISSIONS,
  intersect,
  isPermission,
  NO_PERMISSIONS,
  namesOf,
  type PermissionSet,
  parsePermissions,
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
export { SECOND_FACTOR, type SignInRequirement, satisfiesSignIn } from './principal/sign-in.ts'
export type { Change } from './verification/cache.ts'
export { channelMetrics } from './verification/channel-metrics.ts'
export { type InvalidationGroup, invalidationGroup } from './verification/invalidation-group.ts'
export { createVerifier, type Verifier, type VerifierOptions } from './verification/verifier.ts'
export type { ResourceTokenClaims } from './verification/verify-token.ts'
