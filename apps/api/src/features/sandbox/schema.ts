import { GivenName } from '@daytona-auth/auth/given-name'
import { SANDBOX_SORTS, type SandboxRow, type SandboxSort } from '@daytona-auth/db'
import * as z from 'zod'
import { LOCAL_REGION } from '../../region.ts'
import { GivenInstant, Instant, instant, machine, Reference } from '../../wire.ts'

/** What a runner may report. */
const STATES = [
  ...['creating', 'restoring', 'destroyed', 'destroying', 'started', 'stopped', 'starting', 'stopping', 'error'],
  ...['build_failed', 'pending_build', 'building_snapshot', 'unknown', 'pulling_snapshot', 'archived', 'archiving'],
  ...['resizing', 'snapshotting', 'forking', 'pausing', 'paused', 'resuming'],
] as const

const Texts = z.record(z.string(), z.string())
const Minutes = z.int().min(-1).max(10_000_000)

/** What else its creator may ask for: kept as asked, with these defaults. */
const Settings = z.object({
  user: z.string().default('daytona'),
  env: Texts.default({}),
  public: z.boolean().default(false),
  networkBlockAll: z.boolean().default(false),
  networkAllowList: z.string().optional(),
  domainAllowList: z.string().optional(),
  kvm: z.boolean().default(false),
  target: z.string().default(LOCAL_REGION),
  ...machine,
  autoStopInterval: Minutes.optional().describe('In minutes'),
  autoPauseInterval: Minutes.optional().describe('In minutes'),
  autoArchiveInterval: Minutes.optional().describe('In minutes'),
  autoDeleteInterval: Minutes.optional().describe('In minutes'),
  volumes: z
    .array(z.object({ volumeId: z.string(), mountPath: z.string(), subpath: z.string().optional() }))
    .optional(),
})

export const CreateSandbox = Settings.extend({
  name: GivenName.optional().describe('Unique in the organization; its id unless given'),
  alias: GivenName.optional().describe('Another word for `name`'),
  snapshot: z.string().optional(),
  labels: Texts.default({}),
}).meta({ id: 'CreateSandbox' })

const listed = {
  id: z.string(),
  organizationId: z.string(),
  name: z.string(),
  snapshot: z.string().optional(),
  labels: Texts,
  state: z.string(),
  errorReason: z.string().optional(),
  recoverable: z.boolean(),
  createdAt: Instant,
  updatedAt: Instant,
  toolboxProxyUrl: z.string(),
}

/** Stored settings had their defaults when they were written; those of a later version get theirs here. */
const { env: _env, kvm: _kvm, volumes: _volumes, ...listedSettings } = Settings.shape

export const SandboxListItem = z.object({ ...listed, ...listedSettings }).meta({ id: 'SandboxListItem' })

export const Sandbox = z.object({ ...listed, ...Settings.shape }).meta({ id: 'Sandbox' })

export const SandboxPageBody = z
  .object({ items: z.array(SandboxListItem), nextCursor: z.string().nullable() })
  .meta({ id: 'ListSandboxesResponse' })

export const SandboxPath = z.object({ sandboxIdOrName: Reference.describe('Its id or its name') })

export const SandboxLabels = z.object({ labels: Texts }).meta({ id: 'SandboxLabels' })

export const SandboxStateReport = z
  .object({
    state: z.enum(STATES),
    errorReason: z.string().optional(),
    recoverable: z.boolean().default(false),
  })
  .meta({ id: 'UpdateSandboxStateDto' })

/** The wire's form of a record. */
export function sandboxToWire(row: SandboxRow, toolboxProxyUrl: string): z.output<typeof Sandbox> {
  return {
    ...Settings.parse(row.settings),
    id: row.id,
    organizationId: row.organizationId,
    name: row.name,
    ...(row.snapshot !== null && { snapshot: row.snapshot }),
    labels: row.labels,
    state: row.state,
    ...(row.errorReason !== null && { errorReason: row.errorReason }),
    recoverable: row.recoverable,
    createdAt: instant(row.createdAt),
    updatedAt: instant(row.updatedAt),
    toolboxProxyUrl,
  }
}

/** The settings of a request, with their defaults. */
export const settingsOf = (asked: z.output<typeof CreateSandbox>): z.output<typeof Settings> => Settings.parse(asked)

/** A parameter that may be given once or several times. */
const several = <S extends z.ZodType>(item: S) =>
  z
    .preprocess((given) => (given === undefined || Array.isArray(given) ? given : [given]), z.array(item).optional())
    .meta({ type: 'array' })

const queryNumber = z.coerce.number().min(0).max(1_000_000).optional()
const queryBoolean = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((text) => text === 'true')
  .optional()

/** Labels as JSON: an object of texts. */
const queryLabels = z
  .string()
  .transform((text, context) => {
    try {
      return Texts.parse(JSON.parse(text))
    } catch {
      context.addIssue('must be a JSON object of texts')
      return z.NEVER
    }
  })
  .optional()

export const ListSandboxesQuery = z.object({
  cursor: z.string().optional().describe('`nextCursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(200).default(100),
  id: z.string().optional().describe('The start of the id'),
  name: z.string().optional().describe('The start of the name'),
  labels: queryLabels.describe('A JSON object: records that have all of these labels'),
  states: several(z.enum(STATES)),
  snapshots: several(z.string()),
  regionIds: several(z.string()),
  isPublic: queryBoolean,
  isRecoverable: queryBoolean,
  createdAtAfter: GivenInstant.optional(),
  createdAtBefore: GivenInstant.optional(),
  lastEventAfter: GivenInstant.optional(),
  lastEventBefore: GivenInstant.optional(),
  minCpu: queryNumber,
  maxCpu: queryNumber,
  minGpu: queryNumber,
  maxGpu: queryNumber,
  minMemoryGiB: queryNumber,
  maxMemoryGiB: queryNumber,
  minDiskGiB: queryNumber,
  maxDiskGiB: queryNumber,
  sort: z.enum(SANDBOX_SORTS as [SandboxSort, ...SandboxSort[]]).default('createdAt'),
  order: z.enum(['asc', 'desc']).default('desc'),
})
