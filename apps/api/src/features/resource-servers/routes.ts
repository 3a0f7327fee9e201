import { listResourceServers } from '@daytona-auth/db/clients'
import { errors } from '@daytona-auth/service'
import * as z from 'zod'
import { callerIn } from '../../http/caller.ts'
import { BY_NUMBER, PageQuery, pageOf, readPage } from '../../http/list-pages.ts'
import type { Routes } from '../../http/routes.ts'
import {
  changeResourceServer,
  createResourceServer,
  getResourceServer,
  type ResourceServerDependencies,
  removeResourceServer,
} from './resource-servers.ts'
import {
  CreateResourceServer,
  ResourceServer,
  ResourceServerPath,
  resourceServerToWire,
  UpdateResourceServer,
} from './schema.ts'

const tags = ['Resource servers']

const config = { access: 'admin:organization', organization: 'header' } as const

export const resourceServerRoutes: Routes<ResourceServerDependencies> = (app, dependencies) => {
  app.post(
    '/resource-servers',
    {
      config,
      schema: {
        operationId: 'createResourceServer',
        tags,
        summary: 'Register a resource server',
        description: 'Your own API. Apps request tokens for it with `resource`, and people are asked for its scopes.',
        body: CreateResourceServer,
        response: { 201: ResourceServer, ...errors(409) },
      },
    },
    async (request, reply) =>
      reply
        .code(201)
        .send(resourceServerToWire(await createResourceServer(dependencies, callerIn(request), request.body))),
  )

  app.get(
    '/resource-servers',
    {
      config,
      schema: {
        operationId: 'listResourceServers',
        tags,
        summary: 'List resource servers',
        querystring: PageQuery,
        response: { 200: pageOf(ResourceServer) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_NUMBER }, (page) =>
        listResourceServers(dependencies.database, request.organization.organizationId, page),
      )
      return rows.map(resourceServerToWire)
    },
  )

  app.get(
    '/resource-servers/:resourceServerId',
    {
      config,
      schema: {
        operationId: 'getResourceServer',
        tags,
        summary: 'Get a resource server',
        params: ResourceServerPath,
        response: { 200: ResourceServer },
      },
    },
    async (request) =>
      resourceServerToWire(await getResourceServer(dependencies, callerIn(request), request.params.resourceServerId)),
  )

  app.patch(
    '/resource-servers/:resourceServerId',
    {
      config,
      schema: {
        operationId: 'updateResourceServer',
        tags,
        summary: 'Change a resource server',
        description: 'Its tokens lose removed scopes. Servers that verify tokens offline see it when a token expires.',
        params: ResourceServerPath,
        body: UpdateResourceServer,
        response: { 200: ResourceServer },
      },
    },
    async (request) => {
      const { body, params } = request
      return resourceServerToWire(
        await changeResourceServer(dependencies, callerIn(request), params.resourceServerId, body),
      )
    },
  )

  app.delete(
    '/resource-servers/:resourceServerId',
    {
      config,
      schema: {
        operationId: 'deleteResourceServer',
        tags,
        summary: 'Delete a resource server',
        params: ResourceServerPath,
        response: { 204: z.null().describe('Its tokens are inactive, and no more are issued') },
      },
    },
    async (request, reply) => {
      await removeResourceServer(dependencies, callerIn(request), request.params.resourceServerId)
      return reply.code(204).send(null)
    },
  )
}
