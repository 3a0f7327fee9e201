/** Returns the dashboard's URL. Its first-party client is registered there. */
export const dashboardUrl = (issuer: string): string => `${issuer}/dashboard`
