export { DaytonaAuth } from './client.ts'
export type { Clock } from './clock.ts'
export { DaytonaAuthError, type ErrorDetail } from './error.ts'
export type { RequestOptions, ScopedRequestOptions } from './http.ts'
export { findKeyFault, maskKey } from './key-format.ts'
export type { ListPage } from './pages.ts'
export { PERMISSIONS } from './permissions.ts'
export type {
  ApiKey,
  ApiKeySummary,
  ApiKeyUsage,
  ApiKeyUsageTotals,
  AuditLog,
  AuditPage,
  AuditVerification,
  AuthorizedApp,
  Body as RequestBody,
  Configuration,
  CreatedOauthApp,
  DockerRegistry,
  EmailVerificationRequest,
  IssuedApiKey,
  OauthApp,
  Organization,
  OrganizationInvitation,
  OrganizationRole,
  OrganizationUser,
  Permission,
  ProtectedResourceMetadata,
  Query as RequestQuery,
  Region,
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
