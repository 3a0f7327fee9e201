import { listOrganizations, listQuotas } from '@daytona-auth/db/organizations'
import { errors } from '@daytona-auth/service'
import * as z from 'zod'
import { callerIn, callerOf } from '../../http/caller.ts'
import { BY_NUMBER, PageQuery, pageOf, readPage } from '../../http/list-pages.ts'
import type { Routes } from '../../http/routes.ts'
import { ENDING_MS, type OrganizationDependencies } from './authority.ts'
import { invitationRoutes } from './invitation-routes.ts'
import { memberRoutes } from './member-routes.ts'
import {
  createOrganization,
  deleteCallerOrganization,
  getCallerOrganization,
  updateCallerOrganization,
} from './organizations.ts'
import { roleRoutes } from './role-routes.ts'
import {
  CreateOrganization,
  Organization,
  OrganizationPath,
  OrganizationQuotas,
  organizationToWire,
  UpdateOrganization,
} from './schema.ts'

const tags = ['Organizations']

export const organizationRoutes: Routes<OrganizationDependencies> = (app, dependencies) => {
  const { database, now } = dependencies

  app.post(
    '/organizations',
    {
      config: { access: 'person', organization: 'none' },
      schema: {
        operationId: 'createOrganization',
        tags,
        summary: 'Create an organization',
        description: 'Requires a sign-in to the dashboard or the CLI.',
        body: CreateOrganization,
        response: { 201: Organization, ...errors(409) },
      },
    },
    async (request, reply) => {
      const row = await createOrganization(dependencies, callerOf(request), request.body.name)
      return reply.code(201).send(organizationToWire(row, now()))
    },
  )

  app.get(
    '/organizations',
    {
      config: { access: 'authenticated', organization: 'none' },
      schema: {
        operationId: 'listOrganizations',
        tags,
        summary: 'List the organizations that the credential has access to',
        querystring: PageQuery,
        response: { 200: pageOf(Organization) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_NUMBER }, (page) =>
        listOrganizations(database, [...request.principal.access.keys()], page),
      )
      return rows.map((row) => organizationToWire(row, now()))
    },
  )

  app.get(
    '/organizations/:organizationId',
    {
      config: { access: 'authenticated', organization: 'path' },
      schema: {
        operationId: 'getOrganization',
        tags,
        summary: 'Get an organization',
        params: OrganizationPath,
        response: { 200: Organization },
      },
    },
    async (request) => organizationToWire(await getCallerOrganization(dependencies, callerIn(request)), now()),
  )

  app.patch(
    '/organizations/:organizationId',
    {
      config: { access: 'admin:organization', organization: 'path' },
      schema: {
        operationId: 'updateOrganization',
        tags,
        summary: 'Update an organization',
        description:
          'Renames it, or sets whether its members need a second factor and which apps they may use. Only an owner who signed in to the dashboard or the CLI in the last 15 minutes can change the latter two, and the requirement only with a second factor.',
        params: OrganizationPath,
        body: UpdateOrganization,
        response: { 200: Organization },
      },
    },
    async (request) =>
      organizationToWire(await updateCallerOrganization(dependencies, callerIn(request), request.body), now()),
  )

  app.delete(
    '/organizations/:organizationId',
    {
      config: { access: 'person', organization: 'path' },
      handlerTimeout: ENDING_MS,
      schema: {
        operationId: 'deleteOrganization',
        tags,
        summary: 'Delete an organization',
        description:
          'Requires an owner who signed in to the dashboard or the CLI in the last 15 minutes. Deletes everything in it and revokes its API keys.',
        params: OrganizationPath,
        response: {
          204: z.null().describe('The organization is deleted'),
          ...errors(409),
        },
      },
    },
    async (request, reply) => {
      await deleteCallerOrganization(dependencies, callerIn(request))
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/organizations/:organizationId/quotas',
    {
      config: { access: 'admin:organization', organization: 'path' },
      schema: {
        operationId: 'listOrganizationQuotas',
        tags,
        summary: 'List the quotas of an organization',
        description:
          'What the operator allows the organization to have, and what it has. At a quota, creations are refused with 409 `quota_reached`. What is not listed has no quota.',
        params: OrganizationPath,
        response: { 200: OrganizationQuotas },
      },
    },
    async (request) => ({ quotas: await listQuotas(database, callerIn(request).organization.organizationId) }),
  )

  memberRoutes(app, dependencies)
  roleRoutes(app, dependencies)
  invitationRoutes(app, dependencies)
}
