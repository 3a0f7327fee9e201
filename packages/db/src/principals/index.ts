export {
  type AuthorityLocks,
  type AuthorityScope,
  confirmApiKey,
  confirmToken,
} from './authority-locks.ts'
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
} from './facts.ts'
export { confirmProviderStep, type ProviderStep, type ProviderStepPart } from './provider-step.ts'
