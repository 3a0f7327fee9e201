import { listOauthApps } from '@daytona-auth/db/clients'
import * as z from 'zod'
import { callerIn } from '../../http/caller.ts'
import { BY_NUMBER, PageQuery, pageOf, readPage } from '../../http/list-pages.ts'
import type { Routes } from '../../http/routes.ts'
import { changeOauthApp, createOauthApp, getOauthApp, type OauthAppDependencies, removeOauthApp } from './oauth-apps.ts'
import { CreatedOauthApp, CreateOauthApp, OauthApp, OauthAppPath, oauthAppToWire, UpdateOauthApp } from './schema.ts'

const tags = ['OAuth apps']

const config = { access: 'admin:organization', organization: 'header' } as const

export const oauthAppRoutes: Routes<OauthAppDependencies> = (app, dependencies) => {
  app.post(
    '/oauth-apps',
    {
      config,
      schema: {
        operationId: 'createOauthApp',
        tags,
        summary: 'Register an OAuth app',
        body: CreateOauthApp,
        response: { 201: CreatedOauthApp },
      },
    },
    async (request, reply) => {
      const { row, secret } = await createOauthApp(dependencies, callerIn(request), request.body)
      const wire = oauthAppToWire(row)
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send(secret === undefined ? wire : { ...wire, clientSecret: secret })
    },
  )

  app.get(
    '/oauth-apps',
    {
      config,
      schema: {
        operationId: 'listOauthApps',
        tags,
        summary: 'List OAuth apps',
        querystring: PageQuery,
        response: { 200: pageOf(OauthApp) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_NUMBER }, (page) =>
        listOauthApps(dependencies.database, request.organization.organizationId, page),
      )
      return rows.map(oauthAppToWire)
    },
  )

  app.get(
    '/oauth-apps/:clientId',
    {
      config,
      schema: {
        operationId: 'getOauthApp',
        tags,
        summary: 'Get an OAuth app',
        params: OauthAppPath,
        response: { 200: OauthApp },
      },
    },
    async (request) => oauthAppToWire(await getOauthApp(dependencies, callerIn(request), request.params.clientId)),
  )

  app.patch(
    '/oauth-apps/:clientId',
    {
      config,
      schema: {
        operationId: 'updateOauthApp',
        tags,
        summary: 'Change an OAuth app',
        description: 'Its tokens lose removed scopes at once. If you add a scope again, users must consent again.',
        params: OauthAppPath,
        body: UpdateOauthApp,
        response: { 200: OauthApp },
      },
    },
    async (request) =>
      oauthAppToWire(await changeOauthApp(dependencies, callerIn(request), request.params.clientId, request.body)),
  )

  app.delete(
    '/oauth-apps/:clientId',
    {
      config,
      schema: {
        operationId: 'deleteOauthApp',
        tags,
        summary: 'Delete an OAuth app',
        params: OauthAppPath,
        response: {
          204: z.null().describe('Its tokens and the API keys created with them are revoked'),
        },
      },
    },
    async (request, reply) => {
      await removeOauthApp(dependencies, callerIn(request), request.params.clientId)
      return reply.code(204).send(null)
    },
  )
}
