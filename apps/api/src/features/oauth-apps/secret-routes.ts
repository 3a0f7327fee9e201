import { errors } from '@daytona-auth/service'
import * as z from 'zod'
import { callerIn } from '../../http/caller.ts'
import type { Routes } from '../../http/routes.ts'
import type { OauthAppDependencies } from './oauth-apps.ts'
import { CreatedOauthApp, OauthAppPath, oauthAppToWire } from './schema.ts'
import {
  CreatedOauthAppSecret,
  CreateOauthAppSecret,
  OauthAppSecretPath,
  oauthAppSecretToWire,
} from './secret-schema.ts'
import { createOauthAppSecret, deleteOauthAppSecret, rotateOauthAppSecret } from './secrets.ts'

const tags = ['OAuth apps']

const config = { access: 'admin:organization', organization: 'header' } as const

export const oauthAppSecretRoutes: Routes<OauthAppDependencies> = (app, dependencies) => {
  app.post(
    '/oauth-apps/:clientId/secrets',
    {
      config,
      schema: {
        operationId: 'createOauthAppSecret',
        tags,
        summary: 'Add a secret to an OAuth app',
        description:
          'The app authenticates with any of its secrets, up to two at once. Store the new one in the app, then delete the old one. Expired secrets are removed.',
        params: OauthAppPath,
        body: CreateOauthAppSecret,
        response: { 201: CreatedOauthAppSecret, ...errors(409) },
      },
    },
    async (request, reply) => {
      const { clientId } = request.params
      const { row, secret } = await createOauthAppSecret(dependencies, callerIn(request), clientId, request.body)
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...oauthAppSecretToWire(row), clientSecret: secret })
    },
  )

  app.delete(
    '/oauth-apps/:clientId/secrets/:secretId',
    {
      config,
      schema: {
        operationId: 'deleteOauthAppSecret',
        tags,
        summary: 'Delete a secret of an OAuth app',
        description: 'The only valid secret cannot be deleted: create another one first, or rotate it.',
        params: OauthAppSecretPath,
        response: { 204: z.null().describe('Requests with the secret are refused'), ...errors(409) },
      },
    },
    async (request, reply) => {
      const { clientId, secretId } = request.params
      await deleteOauthAppSecret(dependencies, callerIn(request), clientId, secretId)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/oauth-apps/:clientId/rotate-secret',
    {
      config,
      schema: {
        operationId: 'rotateOauthAppSecret',
        tags,
        summary: 'Replace the secrets of an OAuth app',
        description:
          'All previous secrets are revoked at once. To change without an interruption, add a secret instead.',
        params: OauthAppPath,
        response: { 201: CreatedOauthApp },
      },
    },
    async (request, reply) => {
      const { row, secret } = await rotateOauthAppSecret(dependencies, callerIn(request), request.params.clientId)
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...oauthAppToWire(row), clientSecret: secret })
    },
  )
}
