/** What tells who somebody is, beside the permissions among the scopes of an app. */
export const IDENTITY_SCOPES = ['openid', 'profile', 'email', 'offline_access'] as const
