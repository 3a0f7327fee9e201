import type { RotationPace } from '@daytona-auth/db/signing-keys'

/** The time for which clients may cache discovery and keys, which change with a deployment or a rotation. */
export const PUBLISHED_MAX_AGE_SECONDS = 300

/** Clocks differ, and a process may be notified of its new key late, so it still signs with the old one for a moment. */
const LEEWAY_SECONDS = 60

/**
 * Returns the schedule of a rotation from lifetimes in milliseconds.
 *
 * A new key signs when no cache can lack it: a proxy may serve published keys of the maximum age, and a client may keep
 * them for as long again. An old key is published until the last token that it signed has expired. An id_token is accepted as
 * a hint at sign-out while the session lives.
 */
export const rotationPace = (config: {
  readonly ACCESS_TOKEN_TTL: number
  readonly SESSION_ABSOLUTE_TTL: number
}): RotationPace => ({
  promoteAfterSeconds: 2 * PUBLISHED_MAX_AGE_SECONDS,
  removeAfterSeconds: Math.ceil(Math.max(config.ACCESS_TOKEN_TTL, config.SESSION_ABSOLUTE_TTL) / 1000) + LEEWAY_SECONDS,
})
