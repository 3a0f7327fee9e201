export {
  type AffectedKey,
  expireApiKeys,
  type InsertedApiKey,
  insertApiKey,
  lockApiKey,
  type NewApiKey,
  type NewSecret,
  removeApiKeyOrganization,
  revokeApiKey,
  rotateApiKey,
} from './api-key-changes.ts'
export {
  type ApiKeyFilter,
  type ApiKeyRow,
  type ApiKeySecretRow,
  findApiKey,
  getApiKey,
  isDescendantOf,
  listApiKeys,
} from './api-keys.ts'
export {
  type AuditActor,
  type AuditEntry,
  type AuditedTx,
  DEPLOYMENT,
  ensureAuditPartitions,
  inAudit,
  recordAudit,
} from './audit.ts'
export {
  type AuditAnchor,
  type AuditChain,
  findAuditEventAt,
  listAuditAnchors,
  verifyAuditChain,
} from './audit-chain.ts'
export { type ChainedEvent, hasAuditAnchors, listAuditChains, readChainedEvents } from './audit-chains.ts'
export { type AnchorSigner, createAnchorSigner, dropAuditMonths } from './audit-retention.ts'
export {
  AUDIT_TEXTS,
  type AuditCondition,
  type AuditEventRow,
  type AuditFilter,
  type AuditPosition,
  type AuditText,
  countAuditEvents,
  isAuditInstant,
  listAuditEvents,
  readWithTimeout,
} from './audit-trail.ts'
export {
  type Authority,
  callerAuthority,
  INITIAL_SETUP,
  OPERATOR_COMMAND,
  SCHEDULED_TASK,
  SIGN_UP,
  systemAuthority,
} from './authority.ts'
export {
  type AuthorityLocks,
  type AuthorityScope,
  confirmApiKey,
  confirmToken,
} from './authority-locks.ts'
export { type Channel, type ChannelEvent, type ChannelOptions, openChannel, waitUntilFresh } from './channel.ts'
export { type ConnectOptions, connect, type Database, type Queryable } from './client.ts'
export { type ConnectionRequest, ConnectionStringError, connectionOptions } from './connection.ts'
export { type Consent, type ConsentAnswer, findConsent, saveConsent } from './consents.ts'
export {
  countMemberships,
  countRoles,
  countSupersededSecrets,
  hasMoreApiKeysThan,
  lockApiKeyCreation,
} from './creation-counts.ts'
export {
  checkDatabase,
  checkDatabaseAt,
  type DatabaseFacts,
  evaluateDatabase,
} from './database-check.ts'
export type { DatabaseFinding } from './database-finding.ts'
export { checkDatabaseUse } from './database-use-check.ts'
export { advanceDeviceCode, approveDeviceCode, findDeviceCode } from './device-codes.ts'
export { normalizeEmail } from './email-address.ts'
export {
  createEmailVerification,
  type EmailVerification,
  findEmailVerification,
  redeemEmailVerification,
  secondsToNextVerification,
} from './email-verifications.ts'
export { EmbeddedPostgresError } from './embedded/error.ts'
export { type EndedKey, endedKeyEntries, narrowedKeyEntries } from './ended-keys.ts'
export { createOwner, hasUsers, type InitialSetup, type OwnerSetup, runInitialSetup } from './first-run.ts'
export {
  type EndedAccess,
  endClientInSession,
  endSession,
  findGrantPayload,
  type NewGrant,
  type RevokedGrant,
  revokeGrant,
  sweepGrants,
} from './grants.ts'
export {
  type ApiKeyId,
  type AuditEventId,
  type ClientId,
  type CredentialId,
  type GrantId,
  type InvitationId,
  newId,
  type OrganizationId,
  type RegistryId,
  type RoleId,
  type SandboxId,
  type UserId,
} from './id.ts'
export {
  countInvitationsTo,
  findInvitation,
  findInvitationByToken,
  findInvitationTo,
  findOpenInvitation,
  type InvitationContent,
  type InvitationRow,
  insertInvitation,
  listInvitations,
  listInvitationsTo,
  redeemInvitationToken,
  renewInvitation,
  settleInvitation,
} from './invitations.ts'
export { type KeyRefusal, recordKeyRefusals } from './key-refusals.ts'
export type { Page, PageRequest, Position } from './keyset.ts'
export {
  countOwners,
  findMember,
  insertMember,
  isMemberByEmail,
  listMembers,
  type MemberAccess,
  type MemberRow,
  type MembershipEnd,
  removeMember,
  setMemberAccess,
} from './members.ts'
export { isMigrated, type MigrateOptions, migrate } from './migrate.ts'
export { MigrationError } from './migration-error.ts'
export {
  deleteOauthApp,
  findOauthApp,
  insertOauthApp,
  keysOfClientEntries,
  listOauthApps,
  type NewOauthApp,
  type OauthAppChange,
  type OauthAppRow,
  replaceOauthAppSecret,
  updateOauthApp,
} from './oauth-apps.ts'
export {
  type ArtifactKey,
  consumeArtifact,
  deleteArtifact,
  type EnabledAccount,
  type FoundArtifact,
  type FoundWithAccount,
  findArtifact,
  findEnabledAccount,
  findRedeemable,
  findSession,
  insertGrant,
  type NewArtifact,
  putArtifact,
  type Redeemable,
  redeemArtifact,
  renewSession,
  sweepArtifacts,
  sweepConsumedRefreshTokens,
} from './oidc-artifacts.ts'
export {
  deleteOperatorClient,
  ensureFirstPartyClients,
  type FirstPartyClient,
  findOidcClient,
  insertOperatorClient,
  listOperatorClients,
  type OidcClientRow,
} from './oidc-clients.ts'
export {
  deleteOrganization,
  findOrganization,
  insertOrganization,
  listOrganizations,
  lockOrganization,
  type OrganizationRow,
  renameOrganization,
} from './organizations.ts'
export {
  type AuthorizedAppRow,
  endUserSession,
  listAuthorizedApps,
  listSessions,
  lockUser,
  removeAuthorizedApp,
  renameUser,
  type SessionRow,
} from './own-access.ts'
export { type PoolUse, readPoolUse } from './pool-use.ts'
export {
  type ApiKeyFacts,
  findApiKeyFacts,
  findTokenFacts,
  listSigningKeyFacts,
  type MembershipFacts,
  type ParentFacts,
  type SigningKeyFacts,
  type TokenClaim,
  type TokenFacts,
  type UserFacts,
} from './principals.ts'
export { confirmProviderStep, type ProviderStep, type ProviderStepPart } from './provider-step.ts'
export {
  deleteRegistry,
  findRegistry,
  insertRegistry,
  listRegistries,
  lockRegistry,
  type NewRegistry,
  type RegistryRow,
  updateRegistry,
} from './registries.ts'
export {
  deleteEndedApiKeys,
  deleteEndedInvitations,
  deleteExpiredEmailVerifications,
  deleteOldUsage,
  deleteSupersededSecrets,
  rollUpUsage,
} from './retention.ts'
export {
  deleteRole,
  findRole,
  insertRole,
  listRoles,
  lockRoles,
  type RoleContent,
  type RoleRow,
  updateRole,
} from './roles.ts'
export {
  deleteSandbox,
  findSandbox,
  insertSandbox,
  isSandboxPosition,
  listSandboxes,
  type NewSandbox,
  SANDBOX_SORTS,
  type SandboxFilter,
  type SandboxPage,
  type SandboxRow,
  type SandboxSort,
  updateSandbox,
} from './sandboxes.ts'
export {
  BACKGROUND_CONNECTIONS,
  checkPrimary,
  followPrimary,
  openServerPools,
  type ServerPools,
  type ServerPoolsOptions,
  VERIFICATION_CONNECTIONS,
} from './server-pools.ts'
export { SERVER_KINDS, type ServerKind, type ServerRoles } from './server-privileges.ts'
export { listOverriddenSettings } from './session-check.ts'
export {
  addFirstSigningKeys,
  advanceSigningKeys,
  listSigningKeys,
  type NewSigningKey,
  publishSigningKeys,
  type RotationPace,
  replaceSigningKeys,
  rewrapSigningKeys,
  type SigningKeyChange,
  type SigningKeyRow,
} from './signing-keys.ts'
export {
  deleteSnapshot,
  findSnapshot,
  insertSnapshot,
  listSnapshots,
  SNAPSHOT_SORTS,
  type SnapshotRow,
  type SnapshotSort,
} from './snapshots.ts'
export {
  findLastUse,
  type HourOfUse,
  type LastUse,
  listUsage,
  listUsageTotals,
  recordUsage,
  type SecretUse,
  type UsageBucket,
  type UsageSpan,
  type UsageTotal,
  type UsageTotals,
} from './usage.ts'
export {
  type Account,
  type CreatedUser,
  createUser,
  findAccountByEmail,
  findAccountById,
  insertUser,
  listUserOrganizations,
  type NewUser,
  replacePasswordHash,
  type UserOrganization,
} from './users.ts'
export { deleteVolume, findVolume, insertVolume, listVolumes, type VolumeRow } from './volumes.ts'
