import {
  type Database,
  deleteSandbox,
  findSandbox,
  insertSandbox,
  listSandboxes,
  newId,
  type SandboxRow,
  updateSandbox,
} from '@daytona-auth/db'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../http/caller.ts'
import { found, records } from '../records/records.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { type CreateSandbox, type ListSandboxesQuery, type SandboxStateReport, settingsOf } from './schema.ts'

export interface SandboxDependencies {
  readonly database: Database
}

/**
 * Records a sandbox. It is `creating` until a runner reports otherwise.
 * @throws Refusal 409 where the name is taken.
 */
export function create(
  { database }: SandboxDependencies,
  caller: CallerInOrganization,
  asked: z.output<typeof CreateSandbox>,
): Promise<SandboxRow> {
  const id = newId('sbx')
  const { name = asked.alias ?? id, snapshot = null, labels } = asked
  return records(database, 'sandbox').create(caller, { id, name }, (tx, organizationId) =>
    insertSandbox(tx, organizationId, {
      id,
      name,
      snapshot,
      labels,
      createdBy: caller.principal.userId,
      settings: settingsOf(asked),
    }),
  )
}

/** @throws Refusal 404 */
export const find = async (
  { database }: SandboxDependencies,
  { organizationId }: CallerInOrganization['organization'],
  idOrName: string,
): Promise<SandboxRow> => found('sandbox', await findSandbox(database, organizationId, idOrName))

/** Deletes the record. A runner that has it learns so by the 404 of its next report. @throws Refusal 404 */
export const remove = (
  { database }: SandboxDependencies,
  caller: CallerInOrganization,
  idOrName: string,
): Promise<SandboxRow> =>
  records(database, 'sandbox').change(caller, { verb: 'delete' }, (tx, organizationId) =>
    deleteSandbox(tx, organizationId, idOrName),
  )

/** @throws Refusal 404 */
export const replaceLabels = (
  { database }: SandboxDependencies,
  caller: CallerInOrganization,
  idOrName: string,
  labels: SandboxRow['labels'],
): Promise<SandboxRow> =>
  records(database, 'sandbox').change(caller, { verb: 'update_labels' }, (tx, organizationId) =>
    updateSandbox(tx, organizationId, idOrName, { labels }),
  )

/** What a runner says of it: whatever came before, the last report counts. @throws Refusal 404 */
export const reportState = (
  { database }: SandboxDependencies,
  caller: CallerInOrganization,
  idOrName: string,
  { state, errorReason, recoverable }: z.output<typeof SandboxStateReport>,
): Promise<SandboxRow> =>
  records(database, 'sandbox').change(caller, { verb: 'update_state', more: { state } }, (tx, organizationId) =>
    updateSandbox(tx, organizationId, idOrName, { state, errorReason: errorReason ?? null, recoverable }),
  )

/** A page of the organization's records. */
export async function list(
  { database }: SandboxDependencies,
  { organizationId }: CallerInOrganization['organization'],
  query: z.output<typeof ListSandboxesQuery>,
) {
  const { sort, order, limit, cursor } = query
  const { rows, next } = await listSandboxes(
    database,
    organizationId,
    {
      idPrefix: query.id,
      namePrefix: query.name,
      labels: query.labels,
      states: query.states,
      snapshots: query.snapshots,
      targets: query.regionIds,
      isPublic: query.isPublic,
      isRecoverable: query.isRecoverable,
      createdAfter: moment(query.createdAtAfter),
      createdBefore: moment(query.createdAtBefore),
      updatedAfter: moment(query.lastEventAfter),
      updatedBefore: moment(query.lastEventBefore),
      atLeast: amounts(query.minCpu, query.minGpu, query.minMemoryGiB, query.minDiskGiB),
      atMost: amounts(query.maxCpu, query.maxGpu, query.maxMemoryGiB, query.maxDiskGiB),
    },
    { sort, order, limit, after: cursor === undefined ? undefined : decodeCursor(sort, cursor) },
  )
  return { rows, nextCursor: next && encodeCursor(sort, next) }
}

const moment = (text: string | undefined) => (text === undefined ? undefined : new Date(text))

function amounts(cpu?: number, gpu?: number, memory?: number, disk?: number) {
  return {
    ...(cpu !== undefined && { cpu }),
    ...(gpu !== undefined && { gpu }),
    ...(memory !== undefined && { memory }),
    ...(disk !== undefined && { disk }),
  }
}
