import type { components, operations } from './generated/openapi.ts'

// Names of the API's document, and clearer ones where it keeps those of older clients.
type Schemas = components['schemas']

export type ApiKey = Schemas['ApiKeyList']
/** A newly issued key: the only response with its secret, as `value`. */
export type IssuedApiKey = Schemas['ApiKeyResponse']
/** What happened to one key of several that were deleted. */
export type ApiKeyRevocation = Schemas['RevokedApiKeys']['results'][number]
export type ApiKeySummary = Schemas['ApiKeySummary']
export type ApiKeyUsage = Schemas['ApiKeyUsage']
export type UsageBucket = ApiKeyUsage['buckets'][number]
export type ApiKeyUsageTotals = Schemas['ApiKeyUsageTotals']
export type UsageTotal = ApiKeyUsageTotals['items'][number]
export type AuditLog = Schemas['AuditLog']
export type AuditPage = Schemas['PaginatedAuditLogs']
export type AuditVerification = Schemas['AuditVerification']
export type AuthorizedApp = Schemas['AuthorizedApp']
/** What another app access policy would end. */
export type AppAccessPreview = Schemas['AppAccessPreview']
export type AppDecision = Schemas['AppDecision']
export type AppRequest = Schemas['AppRequest']
export type Configuration = Schemas['DaytonaConfiguration']
/** An app with a newly issued `clientSecret`: the only response with it. */
export type CreatedOauthApp = Schemas['CreatedOauthApp']
/** A newly issued secret of an app, as `clientSecret`: the only response with it. */
export type CreatedOauthAppSecret = Schemas['CreatedOauthAppSecret']
export type DockerRegistry = Schemas['DockerRegistry']
export type EmailVerificationRequest = Schemas['EmailVerificationRequest']
export type IdentityProvider = Schemas['IdentityProvider']
export type Provisioning = Schemas['Provisioning']
export type OauthApp = Schemas['OauthApp']
export type OauthAppDenial = Schemas['OauthAppDenial']
export type OauthAppSecret = Schemas['OauthAppSecret']
export type OauthAppUser = Schemas['OauthAppUser']
export type Organization = Schemas['Organization']
export type OrganizationDomain = Schemas['OrganizationDomain']
export type OrganizationInvitation = Schemas['OrganizationInvitation']
export type OrganizationRole = Schemas['OrganizationRole']
export type OrganizationUser = Schemas['OrganizationUser']
export type Permission = Schemas['Permission']
export type ProtectedResourceMetadata = Schemas['ProtectedResourceMetadata']
export type Quota = Schemas['Quota']
export type Region = Schemas['Region']
export type ResourceScope = Schemas['ResourceScope']
export type ResourceServer = Schemas['ResourceServer']
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

/** Query of an operation, by its `operationId`. */
export type Query<Id extends keyof operations> = NonNullable<operations[Id]['parameters']['query']>

/** Body of an operation, by its `operationId`. */
export type Body<Id extends keyof operations> =
  NonNullable<operations[Id]['requestBody']> extends { content: { 'application/json': infer Content } }
    ? Content
    : never
