import { findRegistry, listRegistries } from '@daytona-auth/db/resources'
import { errors } from '@daytona-auth/service'
import * as z from 'zod'
import { callerIn } from '../../http/caller.ts'
import { BY_NUMBER, PageQuery, pageOf, readPage } from '../../http/list-pages.ts'
import type { Routes } from '../../http/routes.ts'
import { requireFound } from '../records/records.ts'
import { changeRegistry, createRegistry, type RegistryDependencies, removeRegistry } from './registries.ts'
import { CreateRegistry, Registry, RegistryPath, registryToWire, UpdateRegistry } from './schema.ts'

const tags = ['Registries']

const read = { access: 'read:registries', organization: 'header' } as const
const write = { access: 'write:registries', organization: 'header', resourceWrite: true } as const

export const registryRoutes: Routes<RegistryDependencies> = (app, dependencies) => {
  const { database } = dependencies

  app.post(
    '/docker-registry',
    {
      config: write,
      schema: {
        operationId: 'createRegistry',
        tags,
        summary: 'Add a registry',
        body: CreateRegistry,
        response: { 201: Registry, ...errors(409) },
      },
    },
    async (request, reply) =>
      reply.code(201).send(registryToWire(await createRegistry(dependencies, callerIn(request), request.body))),
  )

  app.get(
    '/docker-registry',
    {
      config: read,
      schema: {
        operationId: 'listRegistries',
        tags,
        summary: 'List registries',
        querystring: PageQuery,
        response: { 200: pageOf(Registry) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_NUMBER }, (page) =>
        listRegistries(database, request.organization.organizationId, page),
      )
      return rows.map(registryToWire)
    },
  )

  app.get(
    '/docker-registry/:id',
    {
      config: read,
      schema: {
        operationId: 'getRegistry',
        tags,
        summary: 'Get a registry',
        params: RegistryPath,
        response: { 200: Registry },
      },
    },
    async ({ organization: { organizationId }, params: { id } }) =>
      registryToWire(requireFound('registry', await findRegistry(database, organizationId, id))),
  )

  app.patch(
    '/docker-registry/:id',
    {
      config: write,
      schema: {
        operationId: 'updateRegistry',
        tags,
        summary: 'Change a registry',
        params: RegistryPath,
        body: UpdateRegistry,
        response: { 200: Registry, ...errors(409) },
      },
    },
    async (request) =>
      registryToWire(await changeRegistry(dependencies, callerIn(request), request.params.id, request.body)),
  )

  app.delete(
    '/docker-registry/:id',
    {
      config: write,
      schema: {
        operationId: 'deleteRegistry',
        tags,
        summary: 'Delete a registry',
        params: RegistryPath,
        response: {
          204: z.null().describe('The registry and its password are deleted'),
        },
      },
    },
    async (request, reply) => {
      await removeRegistry(dependencies, callerIn(request), request.params.id)
      return reply.code(204).send(null)
    },
  )
}
