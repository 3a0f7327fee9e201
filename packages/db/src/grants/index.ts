export {
  type ArtifactKey,
  confirmSuccessor,
  consumeArtifact,
  deleteArtifact,
  type EnabledAccount,
  type FoundArtifact,
  type FoundSession,
  type FoundWithAccount,
  findArtifact,
  findEnabledAccount,
  findRedeemable,
  findRedeemables,
  findSession,
  insertGrant,
  type NewArtifact,
  putArtifact,
  putSession,
  type Redeemable,
  type RedeemableResource,
  type RotatedArtifact,
  redeemArtifact,
  renewSession,
  type SessionAccount,
  sweepArtifacts,
  sweepConsumedRefreshTokens,
} from './artifacts.ts'
export {
  BACKCHANNEL_ATTEMPTS,
  BACKCHANNEL_RETRY_SECONDS,
  type BackchannelLogout,
  claimBackchannelLogouts,
  deleteBackchannelLogout,
  sweepBackchannelLogouts,
} from './backchannel-logouts.ts'
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
export { consumeOnce, insertOnce, type SingleUse } from './single-use.ts'
export {
  digestUpstreamSid,
  saveUpstreamSession,
  type UpstreamIssuer,
  type UpstreamLogin,
} from './upstream-sessions.ts'
