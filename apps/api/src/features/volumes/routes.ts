import { type Database, newId } from '@daytona-auth/db/core'
import { deleteVolume, findVolume, insertVolume, listVolumes } from '@daytona-auth/db/resources'
import { errors } from '@daytona-auth/service'
import { callerIn } from '../../http/caller.ts'
import { BY_NUMBER, pageOf, readPage } from '../../http/list-pages.ts'
import type { Routes } from '../../http/routes.ts'
import { auditedRecords, nameOf, requireFound } from '../records/records.ts'
import { CreateVolume, ListVolumesQuery, Volume, VolumeNamePath, VolumePath, volumeToWire } from './schema.ts'

const tags = ['Volumes']

const read = { access: 'read:volumes', organization: 'header' } as const
const write = { access: 'write:volumes', organization: 'header', resourceWrite: true } as const

export const volumeRoutes: Routes<{ readonly database: Database }> = (app, { database }) => {
  const volumes = auditedRecords(database, 'volume')

  app.post(
    '/volumes',
    {
      config: write,
      schema: {
        operationId: 'createVolume',
        tags,
        summary: 'Create a volume',
        description: 'Creates the record. The platform provides the volume itself.',
        body: CreateVolume,
        response: { 200: Volume, ...errors(409) },
      },
    },
    async (request) => {
      const caller = callerIn(request)
      const volume = { id: newId('vol'), name: request.body.name, createdBy: caller.principal.userId }
      return volumeToWire(
        await volumes.create(caller, volume, (tx, organizationId) => insertVolume(tx, organizationId, volume)),
      )
    },
  )

  app.get(
    '/volumes',
    {
      config: read,
      schema: {
        operationId: 'listVolumes',
        tags,
        summary: 'List volumes',
        querystring: ListVolumesQuery,
        response: { 200: pageOf(Volume) },
      },
    },
    async (request, reply) => {
      const includeDeleted = request.query.includeDeleted === 'true'
      const { rows } = await readPage({ request, reply, orderedBy: BY_NUMBER }, (page) =>
        listVolumes(database, request.organization.organizationId, { includeDeleted }, page),
      )
      return rows.map(volumeToWire)
    },
  )

  app.get(
    '/volumes/:volumeId',
    {
      config: read,
      schema: {
        operationId: 'getVolume',
        tags,
        summary: 'Get a volume',
        params: VolumePath,
        response: { 200: Volume },
      },
    },
    async ({ organization: { organizationId }, params: { volumeId } }) =>
      volumeToWire(requireFound('volume', await findVolume(database, organizationId, 'id', volumeId))),
  )

  app.get(
    '/volumes/by-name/:name',
    {
      config: read,
      schema: {
        operationId: 'getVolumeByName',
        tags,
        summary: 'Get a volume by its name',
        params: VolumeNamePath,
        response: { 200: Volume },
      },
    },
    async ({ organization: { organizationId }, params: { name } }) =>
      volumeToWire(requireFound('volume', await findVolume(database, organizationId, 'name', name))),
  )

  app.delete(
    '/volumes/:volumeId',
    {
      config: write,
      schema: {
        operationId: 'deleteVolume',
        tags,
        summary: 'Delete a volume',
        description:
          'Frees its name at once. With `includeDeleted`, the list still has the record, so that the platform can clean up.',
        params: VolumePath,
        response: { 200: Volume },
      },
    },
    async (request) =>
      volumeToWire(
        await volumes.change(callerIn(request), { action: 'volume.delete', metadata: nameOf }, (tx, organizationId) =>
          deleteVolume(tx, organizationId, request.params.volumeId),
        ),
      ),
  )
}
