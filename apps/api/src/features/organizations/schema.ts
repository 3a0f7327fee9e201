import { GivenName } from '@daytona-auth/accounts/given-name'
import type { OrganizationRow } from '@daytona-auth/db'
import { closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenId, Instant, instant, instantOrNull } from '../../http/schemas.ts'

export const CreateOrganization = closedObject({
  name: GivenName,
  defaultRegionId: GivenId.optional().describe('Ignored: there is one region'),
}).meta({ id: 'CreateOrganization' })

export const UpdateOrganization = closedObject({ name: GivenName.optional() }).meta({ id: 'UpdateOrganization' })

/** An organization that the caller has access to: any other one is not found. */
export const OrganizationPath = z.object({ organizationId: GivenId })

/** Members that stock clients require and that mean nothing here: quotas, regions and sign-on of the hosted platform. */
const NOTHING_TO_SAY = {
  suspensionCleanupGracePeriodHours: null,
  maxCpuPerSandbox: null,
  maxMemoryPerSandbox: null,
  maxDiskPerSandbox: null,
  secretQuota: null,
  maxSecretsPerSandbox: null,
  snapshotDeactivationTimeoutMinutes: null,
  defaultQueueTimeout: null,
  authenticatedRateLimit: null,
  sandboxCreateRateLimit: null,
  sandboxLifecycleRateLimit: null,
  otelConfig: null,
  authenticatedRateLimitTtlSeconds: null,
  sandboxCreateRateLimitTtlSeconds: null,
  sandboxLifecycleRateLimitTtlSeconds: null,
} as const

const NOTHING_ON = {
  sandboxLimitedNetworkEgress: false,
  previewWarningEnabled: false,
  ssoEnabled: false,
  scimEnabled: false,
} as const

export const Organization = z
  .object({
    id: z.string(),
    name: z.string(),
    createdBy: z.string(),
    personal: z.boolean(),
    createdAt: Instant,
    updatedAt: Instant,
    suspended: z.boolean(),
    suspendedAt: Instant.nullable(),
    suspensionReason: z.string().nullable(),
    suspendedUntil: Instant.nullable(),
    ...each(NOTHING_TO_SAY, z.null()),
    ...each(NOTHING_ON, z.boolean()),
    experimentalConfig: z.object({}),
  })
  .meta({ id: 'Organization' })

/** A suspension that is over by `now` is none. */
export function organizationToWire(row: OrganizationRow, now: number): z.output<typeof Organization> {
  const suspended = row.suspendedAt !== null && (row.suspendedUntil === null || row.suspendedUntil.getTime() > now)
  return {
    id: row.id,
    name: row.name,
    createdBy: row.createdBy,
    personal: row.personal,
    createdAt: instant(row.createdAt),
    updatedAt: instant(row.updatedAt),
    suspended,
    suspendedAt: suspended ? instantOrNull(row.suspendedAt) : null,
    suspensionReason: suspended ? row.suspensionReason : null,
    suspendedUntil: suspended ? instantOrNull(row.suspendedUntil) : null,
    ...NOTHING_TO_SAY,
    ...NOTHING_ON,
    experimentalConfig: {},
  }
}

/** The same schema for each member. */
function each<K extends string, S extends z.ZodType>(members: Record<K, unknown>, schema: S): Record<K, S> {
  // `fromEntries` forgets which keys it was given.
  return Object.fromEntries(Object.keys(members).map((name) => [name, schema])) as Record<K, S>
}
