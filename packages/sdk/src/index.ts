export { maskKey } from '@daytona-auth/protocol/api-key-format'
export { DaytonaAuth } from './client.ts'
export type { Clock } from './clock.ts'
export { DaytonaAuthError, type ErrorDetail, type RequiredSignIn, readRequiredSignIn } from './error.ts'
export type { RequestOptions, ScopedRequestOptions } from './http.ts'
export { findKeyFault } from './key-format.ts'
export type { ListPage } from './pages.ts'
export { PERMISSIONS } from './permissions.ts'
export type { ApiKeyFirstUse, EventOptions, OrganizationEvent } from './resources/events.ts'
export type {
  ApiKey,
  ApiKeyRevocation,
  ApiKeySummary,
  ApiKeyUsage,
  ApiKeyUsageTotals,
  AppAccessPreview,
  AppDecision,
  AppRequest,
  AuditLog,
  AuditPage,
  AuditVerification,
  AuthorizedApp,
  Body as RequestBody,
  Configuration,
  CreatedOauthApp,
  CreatedOauthAppSecret,
  DockerRegistry,
  EmailVerificationRequest,
  IdentityProvider,
  IssuedApiKey,
  OauthApp,
  OauthAppDenial,
  OauthAppSecret,
  OauthAppUser,
  Organization,
  OrganizationDomain,
  OrganizationInvitation,
  OrganizationRole,
  OrganizationUser,
  Permission,
  ProtectedResourceMetadata,
  Provisioning,
  Query as RequestQuery,
  Quota,
  Region,
  ResourceScope,
  ResourceServer,
  Sandbox,
  SandboxLabels,
  SandboxListItem,
  SandboxPage,
  Scope,
  SentOrganizationInvitation,
  Session,
  Snapshot,
  SnapshotPage,
  StoppedApiKey,
  UsageBucket,
  UsageTotal,
  User,
  Volume,
} from './schemas.ts'
export type { DaytonaAuthOptions } from './settings.ts'
