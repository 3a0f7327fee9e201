export {
  checkDatabase,
  checkDatabaseAt,
  type DatabaseFacts,
  evaluateDatabase,
} from './database-check.ts'
export type { DatabaseFinding } from './database-finding.ts'
export { checkDatabaseUse } from './database-use-check.ts'
export { EmbeddedPostgresError } from './embedded/error.ts'
export { createOwner, hasUsers, type InitialSetup, type OwnerSetup, runInitialSetup } from './first-run.ts'
export { isMigrated, type MigrateOptions, migrate } from './migrate.ts'
export { MigrationError } from './migration-error.ts'
export {
  deleteEndedApiKeys,
  deleteEndedInvitations,
  deleteExpiredEmailVerifications,
  deleteExpiredMailedTokens,
  deleteExpiredTrustedBrowsers,
  deleteOldUsage,
  deleteSupersededSecrets,
  rollUpUsage,
} from './retention.ts'
export { SERVER_KINDS, type ServerKind, type ServerRoles } from './server-privileges.ts'
export { listOverriddenSettings } from './session-check.ts'
export { fillSpaceReserve } from './space-reserve.ts'
