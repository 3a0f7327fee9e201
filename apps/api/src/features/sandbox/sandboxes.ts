import { type Database, newId } from '@daytona-auth/db/core'
import {
  deleteSandbox,
  findSandbox,
  insertSandbox,
  listSandboxes,
  type SandboxRow,
  updateSandbox,
} from '@daytona-auth/db/resources'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../http/caller.ts'
import { auditedRecords, nameOf, requireFound } from '../records/records.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { type CreateSandbox, type ListSandboxesQuery, type SandboxStateReport, settingsOf } from './schema.ts'

export interface SandboxDependencies {
  readonly database: Database
}

/**
 * Creates the record of a sandbox. Its state is `creating` until a runner reports another one.
 * @throws Denial 409 if the name is taken
 */
export function createSandbox(
  { database }: SandboxDependencies,
  caller: CallerInOrganization,
  asked: z.output<typeof CreateSandbox>,
): Promise<SandboxRow> {
  const id = newId('sbx')
  const { name = asked.alias ?? id, snapshot = null, labels } = asked
  return auditedRecords(database, 'sandbox').create(caller, { id, name }, (tx, organizationId) =>
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

/** Finds a sandbox by id or name. @throws Denial 404 */
export const getSandbox = async (
  { database }: SandboxDependencies,
  { organizationId }: CallerInOrganization['organization'],
  idOrName: string,
): Promise<SandboxRow> => requireFound('sandbox', await findSandbox(database, organizationId, idOrName))

/** Deletes the record. Its runner gets a 404 for the next report. @throws Denial 404 */
export const removeSandbox = (
  { database }: SandboxDependencies,
  caller: CallerInOrganization,
  idOrName: string,
): Promise<SandboxRow> =>
  auditedRecords(database, 'sandbox').change(
    caller,
    { action: 'sandbox.delete', metadata: nameOf },
    (tx, organizationId) => deleteSandbox(tx, organizationId, idOrName),
  )

/** Replaces the labels of a sandbox. @throws Denial 404 */
export const replaceSandboxLabels = (
  { database }: SandboxDependencies,
  caller: CallerInOrganization,
  idOrName: string,
  labels: SandboxRow['labels'],
): Promise<SandboxRow> =>
  auditedRecords(database, 'sandbox').change(
    caller,
    { action: 'sandbox.update_labels', metadata: nameOf },
    (tx, organizationId) => updateSandbox(tx, organizationId, idOrName, { labels }),
  )

/** Sets the state that a runner reports. The last report wins, from any previous state. @throws Denial 404 */
export const reportSandboxState = (
  { database }: SandboxDependencies,
  caller: CallerInOrganization,
  idOrName: string,
  { state, errorReason, recoverable }: z.output<typeof SandboxStateReport>,
): Promise<SandboxRow> =>
  auditedRecords(database, 'sandbox').change(
    caller,
    { action: 'sandbox.update_state', metadata: ({ name }) => ({ name, state }) },
    (tx, organizationId) =>
      updateSandbox(tx, organizationId, idOrName, { state, errorReason: errorReason ?? null, recoverable }),
  )

/** Reads a page of the organization's sandboxes. */
export async function readSandboxPage(
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
