import { GivenName } from '@daytona-auth/accounts/given-name'
import { isPermission, namesOf, type Permission, parsePermissions } from '@daytona-auth/auth'
import type { ApiKeyRow } from '@daytona-auth/db/api-keys'
import type { OrganizationId } from '@daytona-auth/db/core'
import { isReservedKeyName, RESERVED_KEY_NAME } from '@daytona-auth/protocol/names'
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
import { type ApiKeyReader, isAddressShown } from './own-api-keys.ts'

/** The maximum of `ORGANIZATIONS_PER_API_KEY`. */
const MAX_ORGANIZATIONS = 200

const DAY_SECONDS = 24 * 60 * 60

const KeyName = GivenName.refine((name) => !isReservedKeyName(name), RESERVED_KEY_NAME).describe(
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

/** Enough for a page of a list, and few enough for one transaction. */
const MAX_REVOKED = 100

export const RevokeApiKeys = closedObject({
  keys: boundedList(GivenId, { min: 1, max: MAX_REVOKED, tooFew: 'must name at least one key' }).describe(
    'Ids of keys, such as those of a list',
  ),
}).meta({ id: 'RevokeApiKeys' })

export const RevokedApiKeys = z
  .object({
    results: z
      .array(
        z.object({
          id: z.string(),
          status: z
            .enum(['revoked', 'not_found', 'forbidden'])
            .describe(
              '`revoked`: the key is refused from now on; one from another organization is refused in this one. `not_found`: no such active key. `forbidden`: not one of your own keys, and you do not have `admin:organization`',
            ),
        }),
      )
      .describe('One for each different id, in the order of the request'),
  })
  .meta({ id: 'RevokedApiKeys' })

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
    lastUsedAt: Instant.nullable().describe('When a request with it was last allowed. Written within seconds'),
    lastSeenAt: Instant.nullable().describe('When a request with it was last allowed or denied'),
    lastOutcome: z.enum(['allowed', 'denied']).nullable().describe('The outcome of that request'),
    lastSeenIp: z
      .string()
      .nullable()
      .describe('The address of that request. Null for another member’s key from another organization'),
    lastDenialReason: z
      .string()
      .nullable()
      .describe('Why the last denied request was denied, if known, such as `expired` or `lacks write:sandboxes`'),
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

/** Converts a row to its wire form, for a reader with access to the organizations of `reach`. */
export function apiKeyToWire(row: ApiKeyRow, reach: Reach, reader: ApiKeyReader): z.output<typeof ApiKey> {
  const [current, ...previous] = row.secrets
  return {
    ...summaryOf(row, reach),
    value: current?.hint ?? '',
    userId: row.userId,
    organizationId: reach.has(row.organizationId) ? row.organizationId : reader.organizationId,
    lastUsedAt: instantOrNull(row.lastUsedAt),
    ...seenToWire(row, isAddressShown(reader, row)),
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

type Seen = Pick<ApiKeyRow, 'lastUsedAt' | 'lastUsedIp' | 'lastDenial'>

function seenToWire({ lastUsedAt, lastUsedIp, lastDenial }: Seen, hasAddress: boolean) {
  const lastDenialReason = lastDenial?.reason ?? null
  // A request that the guard allowed and its handler denied counts as both: the later instant is that of the denial.
  if (lastDenial && lastDenial.at >= (lastUsedAt ?? NEVER)) {
    const lastSeenIp = hasAddress ? lastDenial.ip : null
    return { lastSeenAt: instant(lastDenial.at), lastOutcome: 'denied' as const, lastSeenIp, lastDenialReason }
  }
  const lastOutcome = lastUsedAt === null ? null : ('allowed' as const)
  const lastSeenIp = hasAddress ? lastUsedIp : null
  return { lastSeenAt: instantOrNull(lastUsedAt), lastOutcome, lastSeenIp, lastDenialReason }
}

const NEVER = new Date(0)

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
