export {
  type AuditActor,
  type AuditChain,
  type AuditEntry,
  type AuditedTx,
  ensureAuditPartitions,
  inAudit,
  recordAudit,
  verifyAuditChain,
} from './audit.ts'
export { type Channel, type ChannelEvent, type ChannelOptions, openChannel, untilFresh } from './channel.ts'
export { type ConnectOptions, connect, type Database, type Queryable } from './client.ts'
export {
  type ApiKeyId,
  type AuditEventId,
  type ClientId,
  type CredentialId,
  type GrantId,
  type InvitationId,
  newId,
  type OrganizationId,
  type RoleId,
  type SandboxId,
  type UserId,
} from './id.ts'
export { isMigrated, migrate } from './migrate.ts'
