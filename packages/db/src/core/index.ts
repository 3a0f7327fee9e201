export { batchReads } from './batch-reads.ts'
export { type Channel, type ChannelEvent, type ChannelOptions, openChannel, waitUntilFresh } from './channel.ts'
export { type ConnectOptions, connect, type Database, type Queryable } from './client.ts'
export { type ConnectionRequest, ConnectionStringError, connectionOptions } from './connection.ts'
export { domainOf, normalizeDomain, normalizeEmail } from './email-address.ts'
export type { EventNotice } from './event-notice.ts'
export {
  type ApiKeyId,
  type AuditEventId,
  type ClientId,
  type ClientSecretId,
  type CredentialId,
  type DomainId,
  firstIdAt,
  type GrantId,
  type InitialAccessTokenId,
  type InvitationId,
  isId,
  newId,
  type OrganizationId,
  type RegistryId,
  type ResourceServerId,
  type RoleId,
  type SandboxId,
  type UserId,
} from './id.ts'
export type { Page, PageRequest, Position } from './keyset.ts'
export { type PoolUse, readPoolUse } from './pool-use.ts'
export {
  BACKGROUND_CONNECTIONS,
  checkPrimary,
  followPrimary,
  openServerPools,
  type ServerPools,
  type ServerPoolsOptions,
  VERIFICATION_CONNECTIONS,
} from './server-pools.ts'
