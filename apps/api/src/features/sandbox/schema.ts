import { GivenName } from '@daytona-auth/accounts/given-name'
import { SANDBOX_SORTS, type SandboxRow, type SandboxSort } from '@daytona-auth/db/resources'
import { boundedList, boundedParameter, boundedRecord, boundedText, numberParameter } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenId, GivenInstant, Instant, instant, machine, Reference } from '../../http/schemas.ts'
import { LOCAL_REGION } from './region.ts'

/** The states that a runner may report. */
const STATES = [
  'creating',
  'restoring',
  'destroyed',
  'destroying',
  'started',
  'stopped',
  'starting',
  'stopping',
  'error',
  'build_failed',
  'pending_build',
  'building_snapshot',
  'unknown',
  'pulling_snapshot',
  'archived',
  'archiving',
  'resizing',
  'snapshotting',
  'forking',
  'pausing',
  'paused',
  'resuming',
] as const

/** For a name, a user or a path. */
const Text = boundedText({ max: 1024 })
const AllowList = boundedText({ max: 4096 })
const Labels = boundedRecord({ max: 64, key: boundedText({ max: 256 }), value: Text })
const Env = boundedRecord({ max: 256, key: boundedText({ max: 256 }), value: boundedText({ max: 4096 }) })
const Minutes = z.int().min(-1).max(10_000_000)

/** Optional settings of a sandbox, stored as given, with these defaults. */
const Settings = z.object({
  user: Text.default('daytona'),
  env: Env.default({}),
  public: z.boolean().default(false),
  networkBlockAll: z.boolean().default(false),
  networkAllowList: AllowList.optional(),
  domainAllowList: AllowList.optional(),
  kvm: z.boolean().default(false),
  target: GivenId.default(LOCAL_REGION),
  ...machine,
  autoStopInterval: Minutes.optional().describe('In minutes'),
  autoPauseInterval: Minutes.optional().describe('In minutes'),
  autoArchiveInterval: Minutes.optional().describe('In minutes'),
  autoDeleteInterval: Minutes.optional().describe('In minutes'),
  volumes: boundedList(z.object({ volumeId: Text, mountPath: Text, subpath: Text.optional() }), { max: 64 }).optional(),
})

export const CreateSandbox = Settings.extend({
  name: GivenName.optional().describe('Unique in the organization. Default: its id'),
  alias: GivenName.optional().describe('A synonym of `name`'),
  snapshot: Text.optional(),
  labels: Labels.default({}),
}).meta({ id: 'CreateSandbox' })

const listed = {
  id: z.string(),
  organizationId: z.string(),
  name: z.string(),
  snapshot: z.string().optional(),
  labels: Labels,
  state: z.string(),
  errorReason: z.string().optional(),
  recoverable: z.boolean(),
  createdAt: Instant,
  updatedAt: Instant,
  toolboxProxyUrl: z.string(),
}

/** Stored settings have the defaults of their version. Settings added later get their defaults here. */
const { env: _env, kvm: _kvm, volumes: _volumes, ...listedSettings } = Settings.shape

export const SandboxListItem = z.object({ ...listed, ...listedSettings }).meta({ id: 'SandboxListItem' })

export const Sandbox = z.object({ ...listed, ...Settings.shape }).meta({ id: 'Sandbox' })

export const SandboxPageBody = z
  .object({ items: z.array(SandboxListItem), nextCursor: z.string().nullable() })
  .meta({ id: 'ListSandboxesResponse' })

export const SandboxPath = z.object({ sandboxIdOrName: Reference.describe('The id or name') })

export const SandboxLabels = z.object({ labels: Labels }).meta({ id: 'SandboxLabels' })

export const SandboxStateReport = z
  .object({
    state: z.enum(STATES),
    errorReason: boundedText({ max: 4096 }).optional(),
    recoverable: z.boolean().default(false),
  })
  .meta({ id: 'UpdateSandboxStateDto' })

const DEFAULTS = Settings.parse({})

/** Converts a row to its wire form. Its settings were validated when stored, by the limits of that version. */
export function sandboxToWire(row: SandboxRow, toolboxProxyUrl: string): z.output<typeof Sandbox> {
  return {
    ...DEFAULTS,
    ...row.settings,
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

/** Extracts the settings of a request, with their defaults. */
export const settingsOf = (asked: z.output<typeof CreateSandbox>): z.output<typeof Settings> => Settings.parse(asked)

/** A parameter that may be given once or several times. */
const several = <S extends z.ZodType>(item: S) => boundedParameter(item, { max: 100 })

const queryNumber = numberParameter(z.number().min(0).max(1_000_000)).optional()
const queryBoolean = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((text) => text === 'true')
  .optional()

/** Labels as JSON: an object of strings. */
const queryLabels = boundedText({ max: 8192 })
  .transform((text, context) => {
    try {
      return Labels.parse(JSON.parse(text))
    } catch {
      context.addIssue('must be a JSON object of strings')
      return z.NEVER
    }
  })
  .optional()

export const ListSandboxesQuery = z.object({
  cursor: boundedText({ max: 2048 }).optional().describe('`nextCursor` of the previous page'),
  limit: numberParameter(z.int().min(1).max(200)).default(100),
  id: Text.optional().describe('The start of the id'),
  name: Text.optional().describe('The start of the name'),
  labels: queryLabels.describe('A JSON object. Returns records that have all of these labels'),
  states: several(z.enum(STATES)),
  snapshots: several(Text),
  regionIds: several(Text),
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
