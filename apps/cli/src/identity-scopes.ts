/** OpenID Connect scopes that an app may request beside permissions. */
export const IDENTITY_SCOPES = ['openid', 'profile', 'email', 'offline_access'] as const
