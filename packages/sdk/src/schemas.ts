import type { components, operations } from './generated/openapi.ts'

// The names that the API's document has, and better ones where it has to keep those of older clients.
type Schemas = components['schemas']

export type ApiKey = Schemas['ApiKeyList']
/** A key that was made just now: the only answer that has its secret, as `value`. */
export type IssuedApiKey = Schemas['ApiKeyResponse']
export type ApiKeyUsage = Schemas['ApiKeyUsage']
export type UsageBucket = ApiKeyUsage['buckets'][number]
export type ApiKeyUsageTotals = Schemas['ApiKeyUsageTotals']
export type UsageTotal = ApiKeyUsageTotals['items'][number]
export type AuditLog = Schemas['AuditLog']
export type AuditPage = Schemas['PaginatedAuditLogs']
export type AuditVerification = Schemas['AuditVerification']
export type AuthorizedApp = Schemas['AuthorizedApp']
export type Configuration = Schemas['DaytonaConfiguration']
/** An app that was made, or given a new secret, just now: the only answers that have its `clientSecret`. */
export type CreatedOauthApp = Schemas['CreatedOauthApp']
export type DockerRegistry = Schemas['DockerRegistry']
export type EmailVerificationRequest = Schemas['EmailVerificationRequest']
export type OauthApp = Schemas['OauthApp']
export type Organization = Schemas['Organization']
export type OrganizationInvitation = Schemas['OrganizationInvitation']
export type OrganizationRole = Schemas['OrganizationRole']
export type OrganizationUser = Schemas['OrganizationUser']
export type Permission = Schemas['Permission']
export type ProtectedResourceMetadata = Schemas['ProtectedResourceMetadata']
export type Region = Schemas['Region']
export type Sandbox = Schemas['Sandbox']
export type SandboxLabels = Schemas['SandboxLabels']
export type SandboxListItem = Schemas['SandboxListItem']
export type SandboxPage = Schemas['ListSandboxesResponse']
export type Scope = Schemas['Scope']
export type SentOrganizationInvitation = Schemas['SentOrganizationInvitation']
export type Session = Schemas['Session']
export type Snapshot = Schemas['SnapshotDto']
export type SnapshotPage = Schemas['PaginatedSnapshots']
export type StoppedApiKey = Schemas['StoppedApiKey']
export type User = Schemas['User']
export type Volume = Schemas['VolumeDto']

/** The query of an operation, by its `operationId`. */
export type Query<Id extends keyof operations> = NonNullable<operations[Id]['parameters']['query']>

/** The body that an operation takes, by its `operationId`. */
export type Body<Id extends keyof operations> =
  NonNullable<operations[Id]['requestBody']> extends { content: { 'application/json': infer Content } }
    ? Content
    : never
