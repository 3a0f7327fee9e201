import { listOrganizations } from '@daytona-auth/db'
import { errors } from '@daytona-auth/service'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import * as z from 'zod'
import { callerOf } from '../../caller.ts'
import { create, type OrganizationDependencies } from './organizations.ts'
import { CreateOrganization, Organization, organizationToWire } from './schema.ts'

const tags = ['Organizations']

export const organizationRoutes: FastifyPluginAsyncZod<OrganizationDependencies> = async (app, dependencies) => {
  const { database, now } = dependencies

  app.post(
    '/organizations',
    {
      config: { access: 'person', organization: 'none' },
      schema: {
        operationId: 'createOrganization',
        tags,
        summary: 'Create an organization',
        description: 'For people signed in to the dashboard or the CLI.',
        body: CreateOrganization,
        response: { 201: Organization, ...errors(400, 401, 403, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const row = await create(dependencies, callerOf(request), request.body.name)
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
        response: { 200: z.array(Organization), ...errors(400, 401, 429, 503) },
      },
    },
    async (request) => {
      const rows = await listOrganizations(database, [...request.principal.access.keys()])
      return rows.map((row) => organizationToWire(row, now()))
    },
  )
}
