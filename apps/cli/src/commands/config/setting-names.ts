/** The settings that `daytona config get` and `set` take. */
export const SETTINGS = ['profile', 'api-url', 'organization'] as const

export type Setting = (typeof SETTINGS)[number]
