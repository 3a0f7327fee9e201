export { CLIENT_DENIAL_REASONS, type ClientDenialReason, type ResourceScope } from '../schema/provider.ts'
export {
  type AppAccessPreview,
  type AppDecisionRow,
  countAppDecisions,
  deleteAppDecision,
  listAppDecisions,
  lockDecidableApp,
  MAX_PREVIEWED_APPS,
  previewAppAccess,
  setAppDecision,
} from './app-decisions.ts'
export {
  type AppRequestRow,
  type DenyingOrganization,
  deleteExpiredAppRequests,
  type InsertedAppRequest,
  insertAppRequest,
  listAppRequests,
  listDenyingOrganizations,
  listOwnerAddresses,
  MAX_APP_REQUESTS,
  MAX_REQUESTERS,
  settleAppRequests,
} from './app-requests.ts'
export { type ClientDenial, listClientDenials, MAX_DENIALS, recordClientDenials } from './client-denials.ts'
export {
  type DocumentClient,
  deleteExpiredInitialAccessTokens,
  deleteInitialAccessToken,
  deleteUnusedRegistrations,
  type InitialAccessTokenRow,
  insertInitialAccessToken,
  isUsableInitialAccessToken,
  listInitialAccessTokens,
  MAX_INITIAL_ACCESS_TOKENS,
  type NewRegistration,
  type RegisteredClient,
  registerClient,
  saveDocumentClient,
} from './client-registrations.ts'
export {
  type ClientSecretRow,
  type ClientSecretUse,
  deleteClientSecrets,
  insertClientSecret,
  type LockedClientSecrets,
  lockClientSecrets,
  type NewClientSecret,
  recordClientSecretUses,
} from './client-secrets.ts'
export { type ClientUserRow, listClientUsers } from './client-users.ts'
export {
  deleteOauthApp,
  findOauthApp,
  insertOauthApp,
  keysOfClientEntries,
  listOauthApps,
  lockOauthApp,
  type NewOauthApp,
  type OauthAppChange,
  type OauthAppRow,
  updateOauthApp,
} from './oauth-apps.ts'
export {
  type ClientRegistration,
  type ClientSecretDigest,
  deleteOperatorClient,
  ensureFirstPartyClients,
  type FirstPartyClient,
  findOidcClient,
  insertOperatorClient,
  listOperatorClients,
  listRegisteredClients,
  type OidcClientRow,
} from './oidc-clients.ts'
export {
  type ChangedRegistration,
  deleteRegistration,
  findManagedClient,
  type ManagedClient,
  type RegistrationChange,
  replaceRegistration,
} from './registration-management.ts'
export {
  type ActiveResourceServer,
  deleteResourceServer,
  findActiveResourceServer,
  findResourceServer,
  findResourceTokenFacts,
  insertResourceServer,
  isAllowedResource,
  listResourceServers,
  type NewResourceServer,
  type ResourceServerRow,
  type ResourceTokenClaims,
  type ResourceTokenFacts,
  updateResourceServer,
} from './resource-servers.ts'
