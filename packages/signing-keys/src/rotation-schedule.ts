import type { RotationPace } from '@daytona-auth/db'

/** Discovery and keys change with a deployment or a rotation: clients may keep them for five minutes. */
export const PUBLISHED_MAX_AGE_SECONDS = 300

/** Clocks differ, and a process may hear of its new key late: it goes on signing with the old one meanwhile. */
const LEEWAY_SECONDS = 60

/**
 * A new key signs when nobody can hold a copy of the published ones that is without it: a cache on the way may hand out
 * one that is as old as it may get, and a client keep that for as long again. An old one is published until the last
 * that it signed has ended, for an id_token is good as a hint at sign-out while the session lives. Given in milliseconds.
 */
export const rotationPace = (config: {
  readonly ACCESS_TOKEN_TTL: number
  readonly SESSION_ABSOLUTE_TTL: number
}): RotationPace => ({
  promoteAfterSeconds: 2 * PUBLISHED_MAX_AGE_SECONDS,
  removeAfterSeconds: Math.ceil(Math.max(config.ACCESS_TOKEN_TTL, config.SESSION_ABSOLUTE_TTL) / 1000) + LEEWAY_SECONDS,
})
