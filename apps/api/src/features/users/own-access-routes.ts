import { errors } from '@daytona-auth/service'
import * as z from 'zod'
import { callerOf } from '../../http/caller.ts'
import { BY_NUMBER, BY_TEXT, PageQuery, pageOf, readPage } from '../../http/list-pages.ts'
import { languageOf } from '../../http/negotiation.ts'
import type { Routes } from '../../http/routes.ts'
import { type EmailVerificationDependencies, requestVerification } from './email-verification.ts'
import {
  endSession,
  type OwnAccessDependencies,
  readAuthorizedAppPage,
  readSessionPage,
  renameCaller,
  revokeApp,
} from './own-access.ts'
import {
  AuthorizedApp,
  AuthorizedAppPath,
  authorizedAppToWire,
  EmailVerificationRequest,
  Session,
  SessionPath,
  sessionToWire,
  UpdateUser,
  User,
  userToWire,
} from './schema.ts'

const tags = ['Users']

/** Changes to the own account: denied to third-party apps and API keys. */
const config = { access: 'person', organization: 'none' } as const

/** Allows for slow mail servers. */
const MAILING_MS = 15_000

export const ownAccessRoutes: Routes<OwnAccessDependencies & EmailVerificationDependencies> = (app, dependencies) => {
  app.patch(
    '/users/me',
    {
      config,
      schema: {
        operationId: 'updateAuthenticatedUser',
        tags,
        summary: 'Change your name',
        description: 'Requires a sign-in to the dashboard or the CLI.',
        body: UpdateUser,
        response: { 200: User },
      },
    },
    async (request) => userToWire(await renameCaller(dependencies, callerOf(request), request.body.name)),
  )

  app.post(
    '/users/me/email-verification',
    {
      config,
      handlerTimeout: MAILING_MS,
      schema: {
        operationId: 'requestEmailVerification',
        tags,
        summary: 'Request a mail that verifies your address',
        description: 'The previous link stops working. Limited to one mail a minute and five a day.',
        response: { 200: EmailVerificationRequest, ...errors(409) },
      },
    },
    async (request) => ({ ...(await requestVerification(dependencies, callerOf(request), languageOf(request))) }),
  )

  app.get(
    '/users/me/sessions',
    {
      config,
      schema: {
        operationId: 'listSessions',
        tags,
        summary: 'List your browser sessions',
        querystring: PageQuery,
        response: { 200: pageOf(Session) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_NUMBER }, (page) =>
        readSessionPage(dependencies, callerOf(request), page),
      )
      return rows.map(sessionToWire)
    },
  )

  app.delete(
    '/users/me/sessions/:sessionId',
    {
      config,
      schema: {
        operationId: 'deleteSession',
        tags,
        summary: 'End a browser session',
        params: SessionPath,
        response: {
          204: z
            .null()
            .describe(
              'Its tokens and the API keys created with them are revoked. The CLI and devices stay signed in: remove them as authorized apps',
            ),
        },
      },
    },
    async (request, reply) => {
      await endSession(dependencies, callerOf(request), request.params.sessionId)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/users/me/authorized-apps',
    {
      config,
      schema: {
        operationId: 'listAuthorizedApps',
        tags,
        summary: 'List the apps you authorized',
        querystring: PageQuery,
        response: { 200: pageOf(AuthorizedApp) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_TEXT }, (page) =>
        readAuthorizedAppPage(dependencies, callerOf(request), page),
      )
      return rows.map(authorizedAppToWire)
    },
  )

  app.delete(
    '/users/me/authorized-apps/:clientId',
    {
      config,
      schema: {
        operationId: 'deleteAuthorizedApp',
        tags,
        summary: 'Revoke the access of an app',
        params: AuthorizedAppPath,
        response: {
          204: z.null().describe('Its tokens and the API keys created with them are revoked'),
        },
      },
    },
    async (request, reply) => {
      await revokeApp(dependencies, callerOf(request), request.params.clientId)
      return reply.code(204).send(null)
    },
  )
}
