export {
  createEmailVerification,
  type EmailVerification,
  findEmailVerification,
  redeemEmailVerification,
  secondsToNextVerification,
} from './email-verifications.ts'
export {
  type AuthorizedAppRow,
  endUserSession,
  listAuthorizedApps,
  listSessions,
  lockUser,
  removeAuthorizedApp,
  renameUser,
  type SessionRow,
} from './own-access.ts'
export {
  type Account,
  type CreatedUser,
  createUser,
  findAccountByEmail,
  findAccountById,
  insertUser,
  listUserOrganizations,
  type NewUser,
  replacePasswordHash,
  type UserOrganization,
} from './users.ts'
