import { errors } from '@daytona-auth/service'
import * as z from 'zod'
import { callerIn } from '../../http/caller.ts'
import { BY_TEXT, PageQuery, pageOf, readPage } from '../../http/list-pages.ts'
import type { Routes } from '../../http/routes.ts'
import type { OrganizationDependencies } from './authority.ts'
import { OrganizationRole, RoleContent, RolePath, roleToWire } from './role-schema.ts'
import { create, list, remove, replace } from './roles.ts'
import { OrganizationPath } from './schema.ts'

const tags = ['Organizations']

const config = { access: 'admin:organization', organization: 'path' } as const

export const roleRoutes: Routes<OrganizationDependencies> = (app, dependencies) => {
  app.get(
    '/organizations/:organizationId/roles',
    {
      config: { access: 'authenticated', organization: 'path' },
      schema: {
        operationId: 'listOrganizationRoles',
        tags,
        summary: 'List the roles of an organization',
        description:
          'The built-in ones and its own. For its people in the dashboard and the CLI; others need `admin:organization`.',
        params: OrganizationPath,
        querystring: PageQuery,
        response: { 200: pageOf(OrganizationRole), ...errors(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_TEXT }, (page) =>
        list(dependencies, callerIn(request), page),
      )
      return rows.map(roleToWire)
    },
  )

  app.post(
    '/organizations/:organizationId/roles',
    {
      config,
      schema: {
        operationId: 'createOrganizationRole',
        tags,
        summary: 'Create a role',
        params: OrganizationPath,
        body: RoleContent,
        response: { 201: OrganizationRole, ...errors(400, 401, 403, 404, 409, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const row = await create(dependencies, callerIn(request), request.body)
      return reply.code(201).send(roleToWire(row))
    },
  )

  app.put(
    '/organizations/:organizationId/roles/:roleId',
    {
      config,
      schema: {
        operationId: 'updateOrganizationRole',
        tags,
        summary: 'Replace a role',
        description: 'For those who have it, and for their API keys, it is in force from now on.',
        params: RolePath,
        body: RoleContent,
        response: { 200: OrganizationRole, ...errors(400, 401, 403, 404, 409, 413, 415, 429, 503) },
      },
    },
    async (request) => roleToWire(await replace(dependencies, callerIn(request), request.params.roleId, request.body)),
  )

  app.delete(
    '/organizations/:organizationId/roles/:roleId',
    {
      config,
      schema: {
        operationId: 'deleteOrganizationRole',
        tags,
        summary: 'Delete a role',
        description: 'Who has it loses what it gave.',
        params: RolePath,
        response: { 204: z.null().describe('It is gone'), ...errors(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      await remove(dependencies, callerIn(request), request.params.roleId)
      return reply.code(204).send(null)
    },
  )
}
