import { type Database, inAudit, insertSandbox, listSandboxes, newId, type SandboxRow } from '@daytona-auth/db'
import { conflict } from '@daytona-auth/service'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../caller.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { type CreateSandbox, type ListSandboxesQuery, settingsOf } from './schema.ts'

export interface SandboxDependencies {
  readonly database: Database
}

/**
 * Records a sandbox. It is `creating` until a runner reports otherwise.
 * @throws Refusal 409 where the name is taken.
 */
export async function create(
  { database }: SandboxDependencies,
  { actor, organization, principal }: CallerInOrganization,
  asked: z.output<typeof CreateSandbox>,
): Promise<SandboxRow> {
  const { organizationId } = organization
  const id = newId('sbx')
  const name = asked.name ?? asked.alias ?? id
  const entry = {
    ...actor,
    organizationId,
    action: 'sandbox.create',
    targetType: 'sandbox',
    targetId: id,
    statusCode: 200,
    metadata: { name, ...(principal.kind === 'api-key' && { keyId: principal.keyId, keyName: principal.keyName }) },
  }
  return inAudit(database, entry, async (tx) => {
    const { snapshot = null, labels } = asked
    const row = await insertSandbox(tx, organizationId, {
      ...{ id, name, snapshot, labels, createdBy: principal.userId },
      settings: settingsOf(asked),
    })
    if (!row) throw conflict('A sandbox of that name exists already: choose another name')
    return row
  })
}

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
      createdAfter: query.createdAtAfter === undefined ? undefined : new Date(query.createdAtAfter),
      createdBefore: query.createdAtBefore === undefined ? undefined : new Date(query.createdAtBefore),
      atLeast: amounts(query.minCpu, query.minGpu, query.minMemoryGiB, query.minDiskGiB),
      atMost: amounts(query.maxCpu, query.maxGpu, query.maxMemoryGiB, query.maxDiskGiB),
    },
    { sort, order, limit, after: cursor === undefined ? undefined : decodeCursor(sort, cursor) },
  )
  return { rows, nextCursor: next && encodeCursor(sort, next) }
}

function amounts(cpu?: number, gpu?: number, memory?: number, disk?: number) {
  return {
    ...(cpu !== undefined && { cpu }),
    ...(gpu !== undefined && { gpu }),
    ...(memory !== undefined && { memory }),
    ...(disk !== undefined && { disk }),
  }
}
