/** Every table by name: for drizzle-kit only. */
export { apiKeyOrganizations, apiKeySecrets, apiKeyStatus, apiKeys, apiKeyUsage, apiKeyUsageDays } from './api-keys.ts'
export { auditAnchors, auditChainHeads, auditEvents } from './audit.ts'
export { consentOrganizations, consents, grants } from './grants.ts'
export {
  invitationRoles,
  invitationStatus,
  memberRole,
  memberRoles,
  organizationInvitations,
  organizationMembers,
  organizations,
  roles,
} from './organizations.ts'
export { clientType, oidcArtifacts, oidcClients, signingKeyStatus, signingKeys } from './provider.ts'
export { registries, sandboxes, snapshots, volumes } from './resources.ts'
export { credentialKind, emailVerifications, userCredentials, users } from './users.ts'
