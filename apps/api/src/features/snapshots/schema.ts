import { GivenName } from '@daytona-auth/accounts/given-name'
import { SNAPSHOT_SORTS, type SnapshotRow, type SnapshotSort } from '@daytona-auth/db/resources'
import { boundedList, boundedText, numberParameter } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenId, Instant, instant, instantOrNull, machine, Reference } from '../../http/schemas.ts'

const GpuType = z.enum(['H100', 'H200', 'B300', 'RTX-PRO-6000', 'RTX-4090', 'RTX-5090', 'MI355X'])

const SandboxClass = z.enum(['linux-vm', 'container', 'android', 'windows'])

const Text = boundedText({ max: 1024 })

const build = {
  dockerfileContent: boundedText({ max: 128 * 1024 }),
  contextHashes: boundedList(boundedText({ max: 128 }), { max: 256 }).optional(),
}

/** Optional settings of a snapshot, stored as given, with the defaults of sandboxes. */
const Settings = z.object({
  imageName: Text.optional(),
  entrypoint: boundedList(boundedText({ max: 4096 }), { max: 64 }).optional(),
  ...machine,
  gpuType: boundedList(GpuType, { max: 16 }).optional().describe('Preferred GPU types'),
  buildInfo: z.object(build).optional(),
  regionId: GivenId.optional(),
  sandboxClass: SandboxClass.optional(),
})

export const CreateSnapshot = Settings.extend({ name: GivenName.describe('Unique in the organization') }).meta({
  id: 'CreateSnapshot',
})

/** Extracts the settings of a request, with their defaults. */
export const settingsOf = (asked: z.output<typeof CreateSnapshot>): z.output<typeof Settings> => Settings.parse(asked)

export const SnapshotPath = z.object({ id: Reference.describe('The id or name') })

export const Snapshot = z
  .object({
    id: z.string(),
    organizationId: z.string(),
    general: z.boolean().describe('Whether every organization can use it. Always false'),
    name: z.string(),
    imageName: z.string().optional(),
    state: z.string().describe('`pending` until the platform has built it'),
    size: z.number().nullable(),
    entrypoint: z.array(z.string()).nullable(),
    cpu: z.number(),
    gpu: z.number(),
    mem: z.number().describe('In GiB'),
    disk: z.number().describe('In GiB'),
    errorReason: z.string().nullable(),
    createdAt: Instant,
    updatedAt: Instant,
    lastUsedAt: Instant.nullable(),
    buildInfo: z.object({ ...build, createdAt: Instant, updatedAt: Instant, snapshotRef: z.string() }).optional(),
    regionIds: z.array(z.string()).optional(),
    sourceSandboxId: z.string().nullable(),
    sandboxClass: SandboxClass.optional(),
  })
  .meta({ id: 'SnapshotDto' })

export const SnapshotPageBody = z
  .object({ items: z.array(Snapshot), total: z.int(), page: z.int(), totalPages: z.int() })
  .meta({ id: 'PaginatedSnapshots' })

export const ListSnapshotsQuery = z.object({
  page: numberParameter(z.int().min(1).max(1_000_000_000)).default(1),
  limit: numberParameter(z.int().min(1).max(200)).default(100),
  name: Reference.optional().describe('A part of the name'),
  sourceSandboxId: GivenId.optional(),
  sort: z.enum(SNAPSHOT_SORTS as [SnapshotSort, ...SnapshotSort[]]).default('lastUsedAt'),
  order: z.enum(['asc', 'desc']).default('desc'),
})

const DEFAULTS = Settings.parse({})

/** Returns the stored settings, validated by the version that stored them. Settings added later get their defaults. */
const storedSettings = (row: SnapshotRow): z.output<typeof Settings> => ({ ...DEFAULTS, ...row.settings })

/** Converts a row to its wire form. */
export function snapshotToWire(row: SnapshotRow): z.output<typeof Snapshot> {
  const { imageName, entrypoint, cpu, gpu, memory, disk, buildInfo, regionId, sandboxClass } = storedSettings(row)
  const made = { createdAt: instant(row.createdAt), updatedAt: instant(row.updatedAt) }
  return {
    id: row.id,
    organizationId: row.organizationId,
    general: false,
    name: row.name,
    ...(imageName !== undefined && { imageName }),
    state: row.state,
    size: row.size,
    entrypoint: entrypoint ?? null,
    cpu,
    gpu,
    mem: memory,
    disk,
    errorReason: row.errorReason,
    ...made,
    lastUsedAt: instantOrNull(row.lastUsedAt),
    // Nothing was built, so there is no reference.
    ...(buildInfo && { buildInfo: { ...buildInfo, ...made, snapshotRef: '' } }),
    ...(regionId !== undefined && { regionIds: [regionId] }),
    sourceSandboxId: row.sourceSandboxId,
    ...(sandboxClass && { sandboxClass }),
  }
}
