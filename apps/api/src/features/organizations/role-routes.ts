import { errors } from '@daytona-auth/service'
import * as z from 'zod'
import { callerIn } from '../../http/caller.ts'
import { BY_TEXT, PageQuery, pageOf, readPage } from '../../http/list-pages.ts'
import type { Routes } from '../../http/routes.ts'
import type { OrganizationDependencies } from './authority.ts'
import { OrganizationRole, RoleContent, RolePath, roleToWire } from './role-schema.ts'
import { createRole, readRolePage, removeRole, replaceRole } from './roles.ts'
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
          'Built-in roles and its own. For members signed in to the dashboard or the CLI. Other credentials need `admin:organization`.',
        params: OrganizationPath,
        querystring: PageQuery,
        response: { 200: pageOf(OrganizationRole), ...errors(403) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_TEXT }, (page) =>
        readRolePage(dependencies, callerIn(request), page),
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
        response: { 201: OrganizationRole, ...errors(409) },
      },
    },
    async (request, reply) => {
      const row = await createRole(dependencies, callerIn(request), request.body)
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
        description: 'The change applies at once to members with the role and to their API keys.',
        params: RolePath,
        body: RoleContent,
        response: { 200: OrganizationRole, ...errors(409) },
      },
    },
    async (request) =>
      roleToWire(await replaceRole(dependencies, callerIn(request), request.params.roleId, request.body)),
  )

  app.delete(
    '/organizations/:organizationId/roles/:roleId',
    {
      config,
      schema: {
        operationId: 'deleteOrganizationRole',
        tags,
        summary: 'Delete a role',
        description: 'Members with the role lose its permissions at once.',
        params: RolePath,
        response: { 204: z.null().describe('The role is deleted'), ...errors(409) },
      },
    },
    async (request, reply) => {
      await removeRole(dependencies, callerIn(request), request.params.roleId)
      return reply.code(204).send(null)
    },
  )
}
