export {
  type EndedUserAccess,
  endOtherUserAccess,
  endUserAccess,
  endUserKeys,
  type LockedAccount,
  lockAccount,
  setAccountDisabled,
  setPasswordHash,
  verifyAccountEmail,
} from './account-changes.ts'
export {
  type AccountDeletion,
  type AffectedOrganization,
  type DeletedAccount,
  deleteAccount,
  listAffectedOrganizations,
  lockWholeAccount,
} from './account-deletion.ts'
export { deletedAccountEntries, endedKeysOf } from './account-deletion-entries.ts'
export { type Takeover, type TakingOver, takeOverAccount } from './account-takeover.ts'
export {
  findUser,
  findUsers,
  listUsers,
  readUserAccess,
  type UserAccess,
  type UserRow,
  type UserSearch,
  type UserStatus,
  userStatus,
} from './administration.ts'
export {
  cancelEmailChange,
  confirmEmailChange,
  createEmailChange,
  type EmailChangeOutcome,
  type EmailChangeSide,
  findPendingEmailChange,
  MailLimitReached,
  type NewEmailChange,
  type PendingEmailChange,
} from './email-change.ts'
export {
  createEmailVerification,
  type EmailVerification,
  findEmailVerification,
  redeemEmailVerification,
  secondsToNextVerification,
} from './email-verifications.ts'
export {
  advanceFactorReset,
  cancelFactorReset,
  claimFactorResets,
  type FactorReset,
  findFactorReset,
  findFactorResetByLink,
  insertFactorReset,
  insertFactorResetLinks,
  redeemFactorResetLink,
} from './factor-resets.ts'
export {
  createUserWithIdentity,
  findUserOfIdentity,
  type Identity,
  type IdentitySession,
  IdentityTaken,
  type LinkedIdentity,
  linkIdentity,
  listIdentities,
  type Unlinking,
  unlinkIdentity,
  useIdentity,
} from './identities.ts'
export {
  createMailedToken,
  endAccountLinks,
  endEmailChange,
  findMailedToken,
  type MailedToken,
  type NewMailedToken,
  redeemMailedToken,
} from './mailed-tokens.ts'
export {
  type LinkedOrganizationIdentity,
  listOrganizationIdentities,
  ownsDomainOf,
  unlinkOrganizationIdentity,
} from './organization-identities.ts'
export {
  type AuthorizedAppRow,
  choosePreferences,
  endUserSession,
  listAuthorizedApps,
  listSessions,
  lockUser,
  type Preferences,
  removeAuthorizedApp,
  renameUser,
  type SessionRow,
} from './own-access.ts'
export {
  deletePasskey,
  deletePasskeys,
  findPasskey,
  insertPasskey,
  listPasskeys,
  type NewPasskey,
  type Passkey,
  recordPasskeyUse,
  requirePasswordWithPasskeys,
} from './passkeys.ts'
export { endPendingSignIns, FIRST_SIGN_IN_VERSION } from './pending-sign-ins.ts'
export {
  findMissingProvider,
  findRequiredProvider,
  isWithProvider,
  type RequiredProvider,
} from './required-provider.ts'
export {
  acceptTotpStep,
  canUseSecondFactor,
  countSecondFactorAttempt,
  deleteTotpFactor,
  findSecondFactors,
  insertTotpFactor,
  redeemRecoveryCode,
  replaceRecoveryCodes,
  resetSecondFactorAttempts,
  type SecondFactors,
} from './second-factors.ts'
export { readSessionSignIn, type SessionSignIn, strengthenSession } from './session-sign-in.ts'
export { reencryptTotpSecrets, type TotpSecretRow } from './totp-reencryption.ts'
export {
  deleteTrustedBrowser,
  deleteTrustedBrowsers,
  insertTrustedBrowser,
  isTrustedBrowser,
  listTrustedBrowsers,
  type TrustedBrowser,
} from './trusted-browsers.ts'
export { deleteUnusedAccount, listUnusedAccounts } from './unused-accounts.ts'
export { type EndedUpstreamSession, endUpstreamSessions, type UpstreamLogout } from './upstream-logouts.ts'
export {
  type Account,
  type CreatedUser,
  createUser,
  findAccountByEmail,
  findAccountById,
  findLanguage,
  findLanguageOfAddress,
  insertUser,
  keepLanguage,
  listUserOrganizations,
  type NewUser,
  replacePasswordHash,
  type UserOrganization,
} from './users.ts'
