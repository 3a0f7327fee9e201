import { GivenName } from '@daytona-auth/accounts/given-name'
import type { OrganizationRow } from '@daytona-auth/db/organizations'
import { APP_ACCESS_POLICIES } from '@daytona-auth/protocol/app-access'
import { QUOTA_RESOURCES, type QuotaResource } from '@daytona-auth/protocol/quotas'
import { closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenId, Instant, instant, instantOrNull } from '../../http/schemas.ts'

export const CreateOrganization = closedObject({
  name: GivenName,
  defaultRegionId: GivenId.optional().describe('Ignored, since there is one region'),
}).meta({ id: 'CreateOrganization' })

export const AppAccess = z
  .enum(APP_ACCESS_POLICIES)
  .describe(
    'Which apps of others members may use in the organization. `any`: all that it did not block. `verified_domains`: those whose owner has verified the domains of their redirect URIs and homepage, and approved ones. `by_approval`: approved ones only',
  )

export const UpdateOrganization = closedObject({
  name: GivenName.optional(),
  requireSecondFactor: z
    .boolean()
    .optional()
    .describe('Whether the organization refuses tokens of people who signed in without a second factor'),
  appAccess: AppAccess.optional(),
}).meta({ id: 'UpdateOrganization' })

/** The id of an organization. The guard answers 404 unless the caller has access to it. */
export const OrganizationPath = z.object({ organizationId: GivenId })

/** Members for the quotas and regions of the hosted platform, which stock clients require. */
const UNUSED_MEMBERS = {
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

const DISABLED_FEATURES = {
  sandboxLimitedNetworkEgress: false,
  previewWarningEnabled: false,
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
    requireSecondFactor: z
      .boolean()
      .describe('Whether it refuses tokens of people who signed in without a second factor. API keys are not affected'),
    appAccess: AppAccess,
    ssoEnabled: z
      .boolean()
      .describe('Whether it has an identity provider, with which addresses in its verified domains sign in'),
    ...shapeOf(UNUSED_MEMBERS, z.null()),
    ...shapeOf(DISABLED_FEATURES, z.boolean()),
    experimentalConfig: z.object({}),
  })
  .meta({ id: 'Organization' })

const Quota = z
  .object({
    resource: z
      // Object.keys returns strings; these are the keys of a const object.
      .enum(Object.keys(QUOTA_RESOURCES) as QuotaResource[])
      .describe('What is counted: active API keys, pending invitations, and all of the others'),
    maximum: z.int().describe('How many the organization may have'),
    used: z.int().describe('How many it has. More than `maximum` if that was lowered'),
  })
  .meta({ id: 'Quota' })

export const OrganizationQuotas = z
  .object({ quotas: z.array(Quota).describe('By resource. What is not listed has no quota') })
  .meta({ id: 'OrganizationQuotas' })

/** Converts a row to its wire form. A suspension that ended before `now` is omitted. */
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
    requireSecondFactor: row.requireSecondFactor,
    appAccess: row.appAccess,
    ssoEnabled: row.hasIdentityProvider,
    ...UNUSED_MEMBERS,
    ...DISABLED_FEATURES,
    experimentalConfig: {},
  }
}

/** Maps each member to the same schema. */
function shapeOf<K extends string, S extends z.ZodType>(members: Record<K, unknown>, schema: S): Record<K, S> {
  // The type of `fromEntries` loses the names of the members.
  return Object.fromEntries(Object.keys(members).map((name) => [name, schema])) as Record<K, S>
}
