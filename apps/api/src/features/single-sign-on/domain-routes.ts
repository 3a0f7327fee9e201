import { listDomains } from '@daytona-auth/db/organizations'
import { errors } from '@daytona-auth/service'
import * as z from 'zod'
import { callerIn } from '../../http/caller.ts'
import { BY_NUMBER, PageQuery, pageOf, readPage } from '../../http/list-pages.ts'
import type { Routes } from '../../http/routes.ts'
import { OrganizationPath } from '../organizations/schema.ts'
import { CreateOrganizationDomain, DomainPath, domainToWire, OrganizationDomain } from './domain-schema.ts'
import { createDomain, type DomainDependencies, getDomain, removeDomain, verifyCallerDomain } from './domains.ts'

const tags = ['Single sign-on']

const read = { access: 'admin:organization', organization: 'path' } as const
const change = { access: 'person', organization: 'path' } as const

export const domainRoutes: Routes<DomainDependencies> = (app, dependencies) => {
  const { database } = dependencies

  app.post(
    '/organizations/:organizationId/domains',
    {
      config: change,
      schema: {
        operationId: 'createOrganizationDomain',
        tags,
        summary: 'Claim an e-mail domain',
        description:
          'Returns the DNS record to publish. Then verify the domain. Requires an owner who signed in to the dashboard or the CLI in the last 15 minutes.',
        params: OrganizationPath,
        body: CreateOrganizationDomain,
        response: { 201: OrganizationDomain, ...errors(409) },
      },
    },
    async (request, reply) =>
      reply.code(201).send(domainToWire(await createDomain(dependencies, callerIn(request), request.body.domain))),
  )

  app.get(
    '/organizations/:organizationId/domains',
    {
      config: read,
      schema: {
        operationId: 'listOrganizationDomains',
        tags,
        summary: 'List e-mail domains',
        params: OrganizationPath,
        querystring: PageQuery,
        response: { 200: pageOf(OrganizationDomain) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_NUMBER }, (page) =>
        listDomains(database, request.organization.organizationId, page),
      )
      return rows.map(domainToWire)
    },
  )

  app.get(
    '/organizations/:organizationId/domains/:domainId',
    {
      config: read,
      schema: {
        operationId: 'getOrganizationDomain',
        tags,
        summary: 'Get an e-mail domain',
        params: DomainPath,
        response: { 200: OrganizationDomain },
      },
    },
    async (request) => domainToWire(await getDomain(dependencies, callerIn(request), request.params.domainId)),
  )

  app.post(
    '/organizations/:organizationId/domains/:domainId/verify',
    {
      config: change,
      schema: {
        operationId: 'verifyOrganizationDomain',
        tags,
        summary: 'Verify an e-mail domain',
        description:
          'Looks up the DNS record. A domain belongs to one organization. Requires an owner who signed in to the dashboard or the CLI in the last 15 minutes.',
        params: DomainPath,
        response: { 200: OrganizationDomain, ...errors(409) },
      },
    },
    async (request) => domainToWire(await verifyCallerDomain(dependencies, callerIn(request), request.params.domainId)),
  )

  app.delete(
    '/organizations/:organizationId/domains/:domainId',
    {
      config: change,
      schema: {
        operationId: 'deleteOrganizationDomain',
        tags,
        summary: 'Delete an e-mail domain',
        description: 'Requires an owner who signed in to the dashboard or the CLI in the last 15 minutes.',
        params: DomainPath,
        response: { 204: z.null().describe('The domain no longer belongs to the organization') },
      },
    },
    async (request, reply) => {
      await removeDomain(dependencies, callerIn(request), request.params.domainId)
      return reply.code(204).send(null)
    },
  )
}
