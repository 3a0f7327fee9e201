/** The account pages. A sign-in for one of them leads back to it. */
export const ACCOUNT_PAGES = {
  profile: '/oauth/account',
  email: '/oauth/account/email',
  password: '/oauth/account/password',
  factors: '/oauth/account/factors',
  passkeys: '/oauth/account/passkeys',
  totp: '/oauth/account/factors/totp',
  signIns: '/oauth/account/sign-ins',
  sessions: '/oauth/account/sessions',
  apps: '/oauth/account/apps',
  history: '/oauth/account/history',
  deletion: '/oauth/account/deletion',
} as const
