/** Every table by name: for drizzle-kit only. */
export {
  apiKeyLastUses,
  apiKeyOrganizations,
  apiKeySecrets,
  apiKeyStatus,
  apiKeys,
  apiKeyUsage,
  apiKeyUsageDays,
} from './api-keys.ts'
export { appDecision, appDecisions, appRequests } from './app-access.ts'
export { auditAnchors, auditChainHeads, auditEvents } from './audit.ts'
export { consentOrganizations, consents, grants } from './grants.ts'
export {
  appAccessPolicy,
  invitationRoles,
  invitationStatus,
  memberRole,
  memberRoles,
  organizationInvitations,
  organizationMembers,
  organizationQuotas,
  organizations,
  roles,
} from './organizations.ts'
export {
  backchannelLogouts,
  clientRegistrations,
  clientType,
  initialAccessTokens,
  oidcArtifacts,
  oidcClientDenials,
  oidcClientSecrets,
  oidcClients,
  resourceServers,
  signingKeyStatus,
  signingKeys,
} from './provider.ts'
export { registries, sandboxes, snapshots, volumes } from './resources.ts'
export {
  factorResetLinks,
  factorResets,
  passkeys,
  recoveryCodes,
  secondFactorAttempts,
  totpFactors,
  trustedBrowsers,
} from './second-factors.ts'
export {
  type GroupRoles,
  identityProviders,
  organizationDomains,
  organizationIdentities,
  removedMembers,
} from './single-sign-on.ts'
export { userIdentities } from './user-identities.ts'
export { credentialKind, emailVerifications, mailedTokens, userCredentials, users } from './users.ts'
