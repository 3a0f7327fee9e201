import { conflict, type Denial } from '@daytona-auth/service'
import type { ApiConfig } from '../config.ts'

/** Upper bounds on what may exist. Enforced in the transaction that creates one more. */
export interface CreationLimits {
  readonly organizationsPerUser: number
  readonly organizationsPerApiKey: number
  /** Active ones of one owner in one organization. */
  readonly apiKeysPerOwner: number
  /** Built-in roles excluded. */
  readonly rolesPerOrganization: number
  /** Superseded secrets of one key that are valid at the same time. */
  readonly secretsUnderGrace: number
}

export const creationLimitsOf = (config: ApiConfig): CreationLimits => ({
  organizationsPerUser: config.ORGANIZATIONS_PER_USER,
  organizationsPerApiKey: config.ORGANIZATIONS_PER_API_KEY,
  apiKeysPerOwner: config.API_KEYS_PER_OWNER,
  rolesPerOrganization: config.ROLES_PER_ORGANIZATION,
  secretsUnderGrace: config.SECRETS_UNDER_GRACE_PER_API_KEY,
})

/** Creates a 409 that names the limit and the remedy. `limit` is a phrase such as "1,000 active API keys". */
export const limitReached = (limit: string, remedy: string): Denial =>
  conflict('limit_reached', `The limit of ${limit} is reached: ${remedy}`)

/** Formats a count with its noun: "1 role", "1,000 roles". */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
