export {
  type AffectedKey,
  type ApiKeyChange,
  type DescendantKey,
  expireApiKeys,
  type InsertedApiKey,
  insertApiKey,
  listDescendants,
  lockApiKey,
  type NewApiKey,
  type NewSecret,
  removeApiKeyOrganization,
  renameApiKey,
  revokeApiKey,
  revokeApiKeys,
  rotateApiKey,
  updateApiKey,
} from './changes.ts'
export {
  countMemberships,
  countRoles,
  countSupersededSecrets,
  hasMoreApiKeysThan,
  lockApiKeyCreation,
} from './creation-counts.ts'
export { type KeyDenial, recordKeyDenials } from './denials.ts'
export { type EndedKey, endedKeyEntries, narrowedKeyEntries } from './ended-keys.ts'
export {
  type ApiKeyFilter,
  type ApiKeyRow,
  type ApiKeySecretRow,
  findApiKey,
  getApiKey,
  isDescendantOf,
  listApiKeys,
  listApiKeysById,
} from './queries.ts'
export {
  API_KEY_SORTS,
  type ApiKeyCounts,
  type ApiKeyOrder,
  type ApiKeyPosition,
  type ApiKeySearch,
  type ApiKeySearchStatus,
  type ApiKeyWord,
  countApiKeys,
  EXPIRING_DAYS,
  searchApiKeys,
  UNUSED_DAYS,
} from './search.ts'
export {
  findLastUse,
  type HourOfUse,
  type LastUse,
  type LastUseWithRoute,
  listUsage,
  listUsageTotals,
  recordUsage,
  type SecretUse,
  type UsageBucket,
  type UsageSpan,
  type UsageTotal,
  type UsageTotals,
} from './usage.ts'
