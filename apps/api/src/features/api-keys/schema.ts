import { GivenName } from '@daytona-auth/accounts/given-name'
import { isPermission, namesOf, type Permission, parsePermissions } from '@daytona-auth/auth'
import type { ApiKeyRow, OrganizationId } from '@daytona-auth/db'
import { boundedList, closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { pageQuery } from '../../http/list-pages.ts'
import {
  GivenId,
  GivenInstant,
  GivenPermissions,
  Instant,
  instant,
  instantOrNull,
  PermissionName,
  Reference,
} from '../../http/schemas.ts'

/** These mean something in a path: a client resolves the first two itself, and the third is a route. */
const RESERVED = new Set(['.', '..', 'current'])

/** The most that `ORGANIZATIONS_PER_API_KEY` may be set to. */
const MAX_ORGANIZATIONS = 200

const DAY_SECONDS = 24 * 60 * 60

export const CreateApiKey = closedObject({
  name: GivenName.refine((name) => !RESERVED.has(name), 'must not be ".", ".." or "current"').describe(
    'Unique among the active keys of its owner, in every organization that it may act in',
  ),
  permissions: GivenPermissions,
  expiresAt: GivenInstant.nullish().describe('In the future; null or absent for a key that does not expire'),
  organizationIds: boundedList(GivenId, { max: MAX_ORGANIZATIONS })
    .optional()
    .describe('Organizations that the key may act in besides its home, which is the one of the request'),
}).meta({ id: 'CreateApiKey' })

export const RotateApiKey = closedObject({
  gracePeriodSeconds: z
    .int()
    .min(0)
    .max(7 * DAY_SECONDS)
    .default(0)
    .describe('How long the secret that there is stays valid; no longer than the key would have been'),
  expiresAt: GivenInstant.nullish().describe('A new end for the key; absent to keep it, null for none'),
}).meta({ id: 'RotateApiKey' })

export const ApiKeyPath = z.object({ name: Reference })

export const ApiKeyOfUserPath = ApiKeyPath.extend({ userId: GivenId })

export const ListApiKeysQuery = z.object({
  status: z
    .enum(['active', 'all'], { error: 'must be active or all' })
    .default('active')
    .describe('`all` has the expired and the revoked keys too'),
  ...pageQuery,
})

const summary = {
  id: z.string(),
  name: z.string(),
  createdAt: Instant,
  permissions: z.array(PermissionName),
  expiresAt: Instant.nullable(),
  status: z.enum(['active', 'expired', 'revoked']),
  organizationIds: z
    .array(z.string())
    .describe('Where the key may act, its home first, as far as the caller has access there'),
}

/** The only answer with a secret in it: for the routes that issue one. */
export const IssuedApiKey = z
  .object({ ...summary, value: z.string().describe('The key itself. It is shown here and never again') })
  .meta({ id: 'ApiKeyResponse' })

export const ApiKey = z
  .object({
    ...summary,
    value: z.string().describe('Masked'),
    userId: z.string().describe('Its owner'),
    organizationId: z.string().describe('Its home, or the organization of the request if the home is elsewhere'),
    lastUsedAt: Instant.nullable(),
    previousSecrets: z
      .array(z.object({ value: z.string(), createdAt: Instant, expiresAt: Instant, lastUsedAt: Instant.nullable() }))
      .describe('Masked: those rotated out whose grace lasts'),
  })
  .meta({ id: 'ApiKeyList' })

/** Where the reader has access: what lies elsewhere is not told. */
type Reach = ReadonlyMap<OrganizationId, unknown>

export function issuedToWire(row: ApiKeyRow, reach: Reach, value: string): z.output<typeof IssuedApiKey> {
  return { ...summaryOf(row, reach), value }
}

/** `from` is the organization that the key is looked at from. */
export function apiKeyToWire(row: ApiKeyRow, reach: Reach, from: OrganizationId): z.output<typeof ApiKey> {
  const [current, ...previous] = row.secrets
  return {
    ...summaryOf(row, reach),
    value: current?.hint ?? '',
    userId: row.userId,
    organizationId: reach.has(row.organizationId) ? row.organizationId : from,
    lastUsedAt: instantOrNull(row.lastUsedAt),
    // Those of a key that is over have ended with it.
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
    createdAt: instant(row.createdAt),
    permissions: knownPermissions(row.permissions),
    expiresAt: instantOrNull(row.expiresAt),
    status: row.status,
    organizationIds: row.organizationIds.filter((id) => reach.has(id)),
  }
}

/** In display order. A name that a newer version wrote means nothing here. */
const knownPermissions = (names: readonly string[]): Permission[] =>
  namesOf(parsePermissions(names.filter(isPermission)))
