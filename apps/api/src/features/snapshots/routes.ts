import { type Database, newId } from '@daytona-auth/db/core'
import { deleteSnapshot, findSnapshot, insertSnapshot, listSnapshots } from '@daytona-auth/db/resources'
import { errors } from '@daytona-auth/service'
import { callerIn } from '../../http/caller.ts'
import type { Routes } from '../../http/routes.ts'
import { auditedRecords, nameOf, requireFound } from '../records/records.ts'
import {
  CreateSnapshot,
  ListSnapshotsQuery,
  Snapshot,
  SnapshotPageBody,
  SnapshotPath,
  settingsOf,
  snapshotToWire,
} from './schema.ts'

const tags = ['Snapshots']

const read = { access: 'read:snapshots', organization: 'header' } as const
const write = { access: 'write:snapshots', organization: 'header', resourceWrite: true } as const

export const snapshotRoutes: Routes<{ readonly database: Database }> = (app, { database }) => {
  const snapshots = auditedRecords(database, 'snapshot')

  app.post(
    '/snapshots',
    {
      config: write,
      schema: {
        operationId: 'createSnapshot',
        tags,
        summary: 'Create a snapshot',
        description: 'Creates the record. The platform builds the snapshot.',
        body: CreateSnapshot,
        response: { 200: Snapshot, ...errors(409) },
      },
    },
    async (request) => {
      const caller = callerIn(request)
      const named = { id: newId('snap'), name: request.body.name }
      const row = await snapshots.create(caller, named, (tx, organizationId) =>
        insertSnapshot(tx, organizationId, {
          ...named,
          settings: settingsOf(request.body),
          createdBy: caller.principal.userId,
        }),
      )
      return snapshotToWire(row)
    },
  )

  app.get(
    '/snapshots',
    {
      config: read,
      schema: {
        operationId: 'getAllSnapshots',
        tags,
        summary: 'List snapshots',
        querystring: ListSnapshotsQuery,
        response: { 200: SnapshotPageBody },
      },
    },
    async ({ organization, query: { page, limit, sort, order, ...filter } }) => {
      const offset = (page - 1) * limit
      const { rows, total } = await listSnapshots(database, organization.organizationId, filter, {
        sort,
        order,
        limit,
        offset,
      })
      return { items: rows.map(snapshotToWire), total, page, totalPages: Math.ceil(total / limit) }
    },
  )

  app.get(
    '/snapshots/:id',
    {
      config: read,
      schema: {
        operationId: 'getSnapshot',
        tags,
        summary: 'Get a snapshot',
        params: SnapshotPath,
        response: { 200: Snapshot },
      },
    },
    async ({ organization: { organizationId }, params: { id } }) =>
      snapshotToWire(requireFound('snapshot', await findSnapshot(database, organizationId, id))),
  )

  app.delete(
    '/snapshots/:id',
    {
      config: write,
      schema: {
        operationId: 'removeSnapshot',
        tags,
        summary: 'Delete a snapshot',
        description: 'Deletes the record and returns it with the state `removing`.',
        params: SnapshotPath,
        response: { 200: Snapshot },
      },
    },
    async (request) => {
      const row = await snapshots.change(
        callerIn(request),
        { action: 'snapshot.delete', metadata: nameOf },
        (tx, organizationId) => deleteSnapshot(tx, organizationId, request.params.id),
      )
      return snapshotToWire({ ...row, state: 'removing' })
    },
  )
}
