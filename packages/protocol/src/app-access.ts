/** Which third-party apps an organization allows, where it has not decided about the app itself. */
export const APP_ACCESS_POLICIES = ['any', 'verified_domains', 'by_approval'] as const
export type AppAccessPolicy = (typeof APP_ACCESS_POLICIES)[number]

/** What an organization decided about one app, under any policy. */
export const APP_DECISIONS = ['approved', 'blocked'] as const
export type AppDecision = (typeof APP_DECISIONS)[number]
