import { errors } from '@daytona-auth/service'
import * as z from 'zod'
import { callerOf } from '../../http/caller.ts'
import { BY_NUMBER, BY_TEXT, PageQuery, pageOf, readPage } from '../../http/list-pages.ts'
import type { Routes } from '../../http/routes.ts'
import { type EmailVerificationDependencies, requestVerification } from './email-verification.ts'
import { appsOf, endSession, type OwnAccessDependencies, removeApp, rename, sessionsOf } from './own-access.ts'
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

/** What people do with their own account: an app that acts for them must not. */
const config = { access: 'person', organization: 'none' } as const

/** A mail server may take its time. */
const MAILING_MS = 15_000

export const ownAccessRoutes: Routes<OwnAccessDependencies & EmailVerificationDependencies> = (app, dependencies) => {
  app.patch(
    '/users/me',
    {
      config,
      schema: {
        operationId: 'updateAuthenticatedUser',
        tags,
        summary: 'Change the own name',
        description: 'For people signed in to the dashboard or the CLI.',
        body: UpdateUser,
        response: { 200: User, ...errors(400, 401, 403, 413, 415, 429, 503) },
      },
    },
    async (request) => userToWire(await rename(dependencies, callerOf(request), request.body.name)),
  )

  app.post(
    '/users/me/email-verification',
    {
      config,
      handlerTimeout: MAILING_MS,
      schema: {
        operationId: 'requestEmailVerification',
        tags,
        summary: 'Be mailed a link that verifies the own address',
        description: 'The link that was mailed before stops working. One mail a minute, and five a day.',
        response: { 200: EmailVerificationRequest, ...errors(400, 401, 403, 409, 413, 415, 429, 503) },
      },
    },
    async (request) => ({ ...(await requestVerification(dependencies, callerOf(request))) }),
  )

  app.get(
    '/users/me/sessions',
    {
      config,
      schema: {
        operationId: 'listSessions',
        tags,
        summary: 'List the browsers that one is signed in with',
        querystring: PageQuery,
        response: { 200: pageOf(Session), ...errors(400, 401, 403, 429, 503) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_NUMBER }, (page) =>
        sessionsOf(dependencies, callerOf(request), page),
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
        summary: 'Sign out in one browser',
        params: SessionPath,
        response: {
          204: z
            .null()
            .describe(
              'Tokens and API keys that were made in it are refused from now on; those of the CLI and of devices go on: remove them as authorized apps',
            ),
          ...errors(400, 401, 403, 404, 429, 503),
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
        summary: 'List the apps that act for one',
        querystring: PageQuery,
        response: { 200: pageOf(AuthorizedApp), ...errors(400, 401, 403, 429, 503) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_TEXT }, (page) =>
        appsOf(dependencies, callerOf(request), page),
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
        summary: 'Take from an app all that it may do',
        params: AuthorizedAppPath,
        response: {
          204: z.null().describe('Its tokens are refused from now on, and API keys that were made with them'),
          ...errors(400, 401, 403, 404, 429, 503),
        },
      },
    },
    async (request, reply) => {
      await removeApp(dependencies, callerOf(request), request.params.clientId)
      return reply.code(204).send(null)
    },
  )
}
