export { type Answer, isRefused, type RefusalReason, type Refused } from './answer.ts'
export type { Change } from './cache.ts'
export { callerFacts } from './caller-facts.ts'
export { type Challenge, challenges, insufficientScope } from './challenge.ts'
export { channelMetrics } from './channel-metrics.ts'
export { bearerOf, misplacedIn } from './credential.ts'
export {
  type Access,
  type AuthenticationOptions,
  authentication,
  type OnDecision,
  type OnRefusal,
  type OrganizationSource,
  whoAsked,
} from './fastify.ts'
export { type InvalidationGroup, invalidationGroup } from './invalidation-group.ts'
export { digestOf, isKey, KEY_PATTERN, looksLikeKey, type MintedKey, mask, mintKey } from './key.ts'
export { limiterMetrics } from './limiter-metrics.ts'
export { ORGANIZATION_HEADER } from './organization.ts'
export {
  ALL_PERMISSIONS,
  excess,
  intersect,
  isPermission,
  NO_PERMISSIONS,
  namesOf,
  PERMISSIONS,
  type Permission,
  type PermissionSet,
  parsePermissions,
  permissionNames,
  permits,
  union,
} from './permission.ts'
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
} from './principal.ts'
export { type RateLimiter, rateLimiter, secondsLeft, type Tell } from './rate-limiter.ts'
export { type Confirmed, requestAuthority } from './request-authority.ts'
export { type SharedLimits, sharedLimits } from './shared-limits.ts'
export { type LookUp, type UnknownLimiter, unknownLimiter } from './unknown-limiter.ts'
export { createVerifier, type Verifier, type VerifierOptions } from './verifier.ts'
