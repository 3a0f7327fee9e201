export {
  type ArtifactKey,
  confirmSuccessor,
  consumeArtifact,
  deleteArtifact,
  type EnabledAccount,
  type FoundArtifact,
  type FoundWithAccount,
  findArtifact,
  findEnabledAccount,
  findRedeemable,
  findSession,
  insertGrant,
  type NewArtifact,
  putArtifact,
  type Redeemable,
  type RotatedArtifact,
  redeemArtifact,
  renewSession,
  sweepArtifacts,
  sweepConsumedRefreshTokens,
} from './artifacts.ts'
export { type Consent, type ConsentAnswer, findConsent, saveConsent } from './consents.ts'
export { advanceDeviceCode, approveDeviceCode, findDeviceCode } from './device-codes.ts'
export {
  type EndedAccess,
  endClientInSession,
  endSession,
  findGrantPayload,
  type NewGrant,
  type RevokedGrant,
  revokeGrant,
  sweepGrants,
} from './grants.ts'
