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
  deleteOperatorClient,
  ensureFirstPartyClients,
  type FirstPartyClient,
  findOidcClient,
  insertOperatorClient,
  listOperatorClients,
  type OidcClientRow,
} from './oidc-clients.ts'
