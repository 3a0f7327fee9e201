import { listAppDecisions, listAppRequests, previewAppAccess } from '@daytona-auth/db/clients'
import { errors } from '@daytona-auth/service'
import * as z from 'zod'
import { callerIn } from '../../http/caller.ts'
import { BY_ID, PageQuery, pageOf, readPage } from '../../http/list-pages.ts'
import { languageOf } from '../../http/negotiation.ts'
import type { Routes } from '../../http/routes.ts'
import { OrganizationPath } from '../organizations/schema.ts'
import { type AppAccessDependencies, decideAboutApp, declineAppRequests, removeAppDecision } from './app-access.ts'
import {
  AppAccessPreviewed,
  AppPath,
  decisionToWire,
  OrganizationAppDecision,
  OrganizationAppRequest,
  PreviewQuery,
  previewToWire,
  requestToWire,
  SetAppDecision,
} from './schema.ts'

const tags = ['App access']

const read = { access: 'admin:organization', organization: 'path' } as const
const change = { access: 'person', organization: 'path' } as const

const BY_PERSON = 'Requires a person with `admin:organization` who signed in to the dashboard or the CLI.'

export const appAccessRoutes: Routes<AppAccessDependencies> = (app, dependencies) => {
  const { database } = dependencies

  app.get(
    '/organizations/:organizationId/app-access-preview',
    {
      config: read,
      schema: {
        operationId: 'previewAppAccess',
        tags,
        summary: 'Preview another app access policy',
        description:
          'Counts the apps that members use in the organization and that would lose access if `appAccess` of the organization were changed. Approve those that should keep it first.',
        params: OrganizationPath,
        querystring: PreviewQuery,
        response: { 200: AppAccessPreviewed },
      },
    },
    async (request) =>
      previewToWire(await previewAppAccess(database, request.organization.organizationId, request.query.appAccess)),
  )

  app.get(
    '/organizations/:organizationId/app-decisions',
    {
      config: read,
      schema: {
        operationId: 'listAppDecisions',
        tags,
        summary: 'List the decisions about apps',
        params: OrganizationPath,
        querystring: PageQuery,
        response: { 200: pageOf(OrganizationAppDecision) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_ID }, (page) =>
        listAppDecisions(database, request.organization.organizationId, page),
      )
      return rows.map(decisionToWire)
    },
  )

  app.put(
    '/organizations/:organizationId/app-decisions/:clientId',
    {
      config: change,
      schema: {
        operationId: 'setAppDecision',
        tags,
        summary: 'Approve or block an app',
        description: `Answers the requests of members for the app, who get a mail. A block ends the access of the app to the organization at once, also of keys that were created with it; after an approval it has that access again. Your own apps and those of the operator are not restricted. ${BY_PERSON}`,
        params: AppPath,
        body: SetAppDecision,
        response: { 200: OrganizationAppDecision, ...errors(409) },
      },
    },
    async (request) =>
      decisionToWire(
        await decideAboutApp(dependencies, callerIn(request), {
          clientId: request.params.clientId,
          decision: request.body.decision,
          language: languageOf(request),
        }),
      ),
  )

  app.delete(
    '/organizations/:organizationId/app-decisions/:clientId',
    {
      config: change,
      schema: {
        operationId: 'deleteAppDecision',
        tags,
        summary: 'Delete the decision about an app',
        description: `The policy of the organization applies to the app again. ${BY_PERSON}`,
        params: AppPath,
        response: { 204: z.null().describe('The policy applies') },
      },
    },
    async (request, reply) => {
      await removeAppDecision(dependencies, callerIn(request), request.params.clientId)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/organizations/:organizationId/app-requests',
    {
      config: read,
      schema: {
        operationId: 'listAppRequests',
        tags,
        summary: 'List the apps that members requested',
        description: 'Members request the approval of an app on its consent page. Set a decision to answer.',
        params: OrganizationPath,
        querystring: PageQuery,
        response: { 200: pageOf(OrganizationAppRequest) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_ID }, (page) =>
        listAppRequests(database, request.organization.organizationId, page),
      )
      return rows.map(requestToWire)
    },
  )

  app.delete(
    '/organizations/:organizationId/app-requests/:clientId',
    {
      config: change,
      schema: {
        operationId: 'declineAppRequests',
        tags,
        summary: 'Decline the requests for an app',
        description: `Nothing is decided about the app: members may request it again. ${BY_PERSON}`,
        params: AppPath,
        response: { 204: z.null().describe('Those who asked get a mail') },
      },
    },
    async (request, reply) => {
      await declineAppRequests(dependencies, callerIn(request), {
        clientId: request.params.clientId,
        language: languageOf(request),
      })
      return reply.code(204).send(null)
    },
  )
}
