import { listClientDenials, listClientUsers } from '@daytona-auth/db/clients'
import { callerIn } from '../../http/caller.ts'
import { BY_NUMBER, PageQuery, pageOf, readPage } from '../../http/list-pages.ts'
import type { Routes } from '../../http/routes.ts'
import { OauthAppDenials, OauthAppUser, oauthAppDenialToWire, oauthAppUserToWire } from './activity-schema.ts'
import { getOauthApp, type OauthAppDependencies } from './oauth-apps.ts'
import { OauthAppPath } from './schema.ts'

const tags = ['OAuth apps']

const config = { access: 'admin:organization', organization: 'header' } as const

/** What happens with an app: who uses it, and which of its requests are refused. */
export const oauthAppActivityRoutes: Routes<OauthAppDependencies> = (app, { database }) => {
  app.get(
    '/oauth-apps/:clientId/users',
    {
      config,
      schema: {
        operationId: 'listOauthAppUsers',
        tags,
        summary: 'List the users of an OAuth app',
        description: 'The users who allowed the app, latest first. You see of each what the user lets the app see.',
        params: OauthAppPath,
        querystring: PageQuery,
        response: { 200: pageOf(OauthAppUser) },
      },
    },
    async (request, reply) => {
      const caller = callerIn(request)
      const { id } = await getOauthApp({ database }, caller, request.params.clientId)
      const { rows } = await readPage({ request, reply, orderedBy: BY_NUMBER }, (page) =>
        listClientUsers(database, caller.organization.organizationId, id, page),
      )
      return rows.map(oauthAppUserToWire)
    },
  )

  app.get(
    '/oauth-apps/:clientId/denials',
    {
      config,
      schema: {
        operationId: 'listOauthAppDenials',
        tags,
        summary: 'List the refused requests of an OAuth app',
        description:
          'The latest 20 kinds of refused requests of the last 30 days, counted within seconds. Anyone can send requests with the client id of an app: check a redirect URI before you register it.',
        params: OauthAppPath,
        response: { 200: OauthAppDenials },
      },
    },
    async (request) => {
      const caller = callerIn(request)
      const { id } = await getOauthApp({ database }, caller, request.params.clientId)
      const rows = await listClientDenials(database, caller.organization.organizationId, id)
      return { denials: rows.map(oauthAppDenialToWire) }
    },
  )
}
