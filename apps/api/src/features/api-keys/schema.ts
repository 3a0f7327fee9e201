import { GivenName } from '@daytona-auth/accounts/given-name'
import { isPermission, namesOf, type Permission, parsePermissions } from '@daytona-auth/auth'
import type { ApiKeyRow } from '@daytona-auth/db/api-keys'
import type { OrganizationId } from '@daytona-auth/db/core'
import { boundedList, closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import {
  GivenDescription,
  GivenId,
  GivenInstant,
  GivenPermissions,
  Instant,
  instant,
  instantOrNull,
  PermissionName,
  Reference,
} from '../../http/schemas.ts'

/** Names with a meaning in a path: clients resolve the first two, and the third is a route. */
const RESERVED = new Set(['.', '..', 'current'])

/** The maximum of `ORGANIZATIONS_PER_API_KEY`. */
const MAX_ORGANIZATIONS = 200

const DAY_SECONDS = 24 * 60 * 60

const KeyName = GivenName.refine((name) => !RESERVED.has(name), 'must not be ".", ".." or "current"').describe(
  'Unique among the active keys of its owner, in every organization of the key',
)

export const CreateApiKey = closedObject({
  name: KeyName,
  description: GivenDescription.optional(),
  permissions: GivenPermissions,
  expiresAt: GivenInstant.nullish().describe('In the future. Null or absent: the key does not expire'),
  organizationIds: boundedList(GivenId, { max: MAX_ORGANIZATIONS })
    .optional()
    .describe('Organizations of the key besides its home, which is the organization of the request'),
}).meta({ id: 'CreateApiKey' })

export const RotateApiKey = closedObject({
  gracePeriodSeconds: z
    .int()
    .min(0)
    .max(7 * DAY_SECONDS)
    .default(0)
    .describe('How long the current secret stays valid, at most until the current expiry of the key'),
  expiresAt: GivenInstant.nullish().describe('A new expiry. Absent: unchanged. Null: the key does not expire'),
}).meta({ id: 'RotateApiKey' })

export const UpdateApiKey = closedObject({
  name: KeyName.optional(),
  description: GivenDescription.optional(),
  permissions: GivenPermissions.optional().describe(
    'Replaces the permissions. Added ones must be yours, as at creation',
  ),
  expiresAt: GivenInstant.nullish().describe('A new expiry. Absent: unchanged. Null: the key does not expire'),
}).meta({ id: 'UpdateApiKey' })

export const ApiKeyPath = z.object({ name: Reference })

export const ApiKeyOfUserPath = ApiKeyPath.extend({ userId: GivenId })

const summary = {
  id: z.string(),
  name: z.string(),
  description: z.string().describe('Empty if none was given'),
  createdAt: Instant,
  permissions: z.array(PermissionName),
  expiresAt: Instant.nullable(),
  status: z.enum(['active', 'expired', 'revoked']),
  organizationIds: z.array(z.string()).describe('The organizations of the key that you have access to, its home first'),
}

/** The only response with a secret, for the routes that issue one. */
export const IssuedApiKey = z
  .object({ ...summary, value: z.string().describe('The key itself. Store it: it is shown only once') })
  .meta({ id: 'ApiKeyResponse' })

export const ApiKey = z
  .object({
    ...summary,
    value: z.string().describe('The masked key'),
    userId: z.string().describe('The owner'),
    organizationId: z
      .string()
      .describe('Its home, or the organization of the request if you have no access to its home'),
    lastUsedAt: Instant.nullable(),
    previousSecrets: z
      .array(z.object({ value: z.string(), createdAt: Instant, expiresAt: Instant, lastUsedAt: Instant.nullable() }))
      .describe('Masked secrets that were rotated out and are still valid'),
  })
  .meta({ id: 'ApiKeyList' })

/** The organizations that the reader has access to. Others are omitted. */
type Reach = ReadonlyMap<OrganizationId, unknown>

export function issuedToWire(row: ApiKeyRow, reach: Reach, value: string): z.output<typeof IssuedApiKey> {
  return { ...summaryOf(row, reach), value }
}

/** Converts a row to its wire form. `from` is the organization of the request. */
export function apiKeyToWire(row: ApiKeyRow, reach: Reach, from: OrganizationId): z.output<typeof ApiKey> {
  const [current, ...previous] = row.secrets
  return {
    ...summaryOf(row, reach),
    value: current?.hint ?? '',
    userId: row.userId,
    organizationId: reach.has(row.organizationId) ? row.organizationId : from,
    lastUsedAt: instantOrNull(row.lastUsedAt),
    // The secrets of an ended key ended with it.
    previousSecrets: (row.status === 'active' ? previous : []).flatMap(({ hint, createdAt, expiresAt, lastUsedAt }) =>
      expiresAt === null
        ? []
        : [
            {
              value: hint,
              createdAt: instant(createdAt),
              expiresAt: instant(expiresAt),
              lastUsedAt: instantOrNull(lastUsedAt),
            },
          ],
    ),
  }
}

function summaryOf(row: ApiKeyRow, reach: Reach) {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    createdAt: instant(row.createdAt),
    permissions: knownPermissions(row.permissions),
    expiresAt: instantOrNull(row.expiresAt),
    status: row.status,
    organizationIds: row.organizationIds.filter((id) => reach.has(id)),
  }
}

/** Returns the permissions in display order. Names written by a newer version are skipped. */
const knownPermissions = (names: readonly string[]): Permission[] =>
  namesOf(parsePermissions(names.filter(isPermission)))
