import type { ApiKeyPosition } from '@daytona-auth/db/api-keys'
import { errors } from '@daytona-auth/service'
import * as z from 'zod'
import { callerIn, callerOf } from '../../http/caller.ts'
import { pageOf, readPage } from '../../http/list-pages.ts'
import type { Routes } from '../../http/routes.ts'
import { type ApiKeyDependencies, getCurrentApiKey } from './api-keys.ts'
import { changeOwnApiKey } from './change.ts'
import { endPreviousSecretsOfOwnKey } from './end-previous-secrets.ts'
import { createApiKey, rotateOwnApiKey } from './issue.ts'
import { findOwnApiKey } from './own-api-keys.ts'
import { deleteApiKeyOfUser, deleteOwnApiKey } from './remove.ts'
import { revokeManyApiKeys } from './revoke-many.ts'
import {
  ApiKey,
  ApiKeyOfUserPath,
  ApiKeyPath,
  apiKeyToWire,
  CreateApiKey,
  IssuedApiKey,
  issuedToWire,
  RevokeApiKeys,
  RevokedApiKeys,
  RotateApiKey,
  UpdateApiKey,
} from './schema.ts'
import { orderOf, readApiKeyPage, readApiKeySummary } from './search.ts'
import { ApiKeySummary, ListApiKeysQuery, Position, SummaryPath, summaryToWire } from './search-schema.ts'

const tags = ['API keys']

/** Access depends on the key, so any credential passes the guard. */
const config = { access: 'authenticated', organization: 'header' } as const

export const apiKeyRoutes: Routes<ApiKeyDependencies> = (app, dependencies) => {
  app.post(
    '/api-keys',
    {
      config,
      schema: {
        operationId: 'createApiKey',
        tags,
        summary: 'Create an API key',
        body: CreateApiKey,
        response: { 201: IssuedApiKey, ...errors(409) },
      },
    },
    async (request, reply) => {
      const { row, value } = await createApiKey(dependencies, callerIn(request), request.body)
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send(issuedToWire(row, request.principal.access, value))
    },
  )

  app.get(
    '/api-keys',
    {
      config,
      schema: {
        operationId: 'listApiKeys',
        tags,
        summary: 'List API keys',
        description: 'Your own keys; with `admin:organization`, every member’s. Newest first, unless sorted otherwise.',
        querystring: ListApiKeysQuery,
        response: { 200: pageOf(ApiKey), ...errors(422) },
      },
    },
    async (request, reply) => {
      const orderedBy: z.ZodType<ApiKeyPosition> = Position[orderOf(request.query.sort).by]
      const { rows } = await readPage({ request, reply, orderedBy }, (page) =>
        readApiKeyPage(dependencies, callerIn(request), request.query, page),
      )
      const { access, userId } = request.principal
      const reader = { userId, organizationId: request.organization.organizationId }
      return rows.map((row) => apiKeyToWire(row, access, reader))
    },
  )

  app.get(
    '/organizations/:organizationId/api-keys/summary',
    {
      config: { access: 'authenticated', organization: 'path' },
      schema: {
        operationId: 'getOrganizationApiKeySummary',
        tags,
        summary: 'Count the API keys that need attention',
        description: 'Your own keys; with `admin:organization`, every member’s.',
        params: SummaryPath,
        response: { 200: ApiKeySummary, ...errors(403, 422) },
      },
    },
    async (request) => summaryToWire(await readApiKeySummary(dependencies, callerIn(request))),
  )

  app.get(
    '/api-keys/current',
    {
      config: { access: 'authenticated', organization: 'none' },
      schema: {
        operationId: 'getCurrentApiKey',
        tags,
        summary: 'Get the API key of the request',
        response: { 200: ApiKey },
      },
    },
    async (request) => {
      const row = await getCurrentApiKey(dependencies, callerOf(request))
      const { access, userId } = request.principal
      return apiKeyToWire(row, access, { userId, organizationId: row.organizationId })
    },
  )

  app.get(
    '/api-keys/:name',
    {
      config,
      schema: {
        operationId: 'getApiKey',
        tags,
        summary: 'Get an API key',
        params: ApiKeyPath,
        response: { 200: ApiKey },
      },
    },
    async (request) => {
      const row = await findOwnApiKey(dependencies, callerIn(request), request.params.name)
      const { access, userId } = request.principal
      return apiKeyToWire(row, access, { userId, organizationId: request.organization.organizationId })
    },
  )

  app.patch(
    '/api-keys/:name',
    {
      config,
      schema: {
        operationId: 'updateApiKey',
        tags,
        summary: 'Change an API key',
        description:
          'Changes one of your own keys, effective at once. Absent members stay as they are. Keys that were made with it are limited to what it has left.',
        params: ApiKeyPath,
        body: UpdateApiKey,
        response: { 200: ApiKey, ...errors(409) },
      },
    },
    async (request) => {
      const row = await changeOwnApiKey(dependencies, callerIn(request), request.params.name, request.body)
      const { access, userId } = request.principal
      return apiKeyToWire(row, access, { userId, organizationId: request.organization.organizationId })
    },
  )

  app.post(
    '/api-keys/:name/rotate',
    {
      config,
      // Every member is optional, and so is the body.
      preValidation: async (request) => {
        request.body ??= RotateApiKey.parse({})
      },
      schema: {
        operationId: 'rotateApiKey',
        tags,
        summary: 'Replace the secret of an API key',
        params: ApiKeyPath,
        body: RotateApiKey,
        response: { 201: IssuedApiKey, ...errors(409) },
      },
    },
    async (request, reply) => {
      const { row, value } = await rotateOwnApiKey(dependencies, callerIn(request), request.params.name, request.body)
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send(issuedToWire(row, request.principal.access, value))
    },
  )

  app.post(
    '/api-keys/:name/end-previous-secrets',
    {
      config,
      schema: {
        operationId: 'endPreviousApiKeySecrets',
        tags,
        summary: 'End the grace period of a rotated API key',
        description:
          'Ends the secrets that rotations left valid, at once. The current secret stays. Without such a secret nothing changes.',
        params: ApiKeyPath,
        response: { 200: ApiKey },
      },
    },
    async (request) => {
      const row = await endPreviousSecretsOfOwnKey(dependencies, callerIn(request), request.params.name)
      const { access, userId } = request.principal
      return apiKeyToWire(row, access, { userId, organizationId: request.organization.organizationId })
    },
  )

  app.post(
    '/api-keys/revoke-many',
    {
      config,
      schema: {
        operationId: 'revokeManyApiKeys',
        tags,
        summary: 'Delete several API keys',
        description:
          'Up to 100 keys by their ids, under the rules of a single deletion. All in one transaction: the response states what happened to each key, and after an error nothing has changed.',
        body: RevokeApiKeys,
        response: { 200: RevokedApiKeys },
      },
    },
    async (request) => ({ results: await revokeManyApiKeys(dependencies, callerIn(request), request.body.keys) }),
  )

  app.delete(
    '/api-keys/:name',
    {
      config,
      schema: {
        operationId: 'deleteApiKey',
        tags,
        summary: 'Delete an API key',
        params: ApiKeyPath,
        response: { 204: z.null().describe('The key is revoked') },
      },
    },
    async (request, reply) => {
      await deleteOwnApiKey(dependencies, callerIn(request), request.params.name)
      return reply.code(204).send(null)
    },
  )

  app.delete(
    '/api-keys/:userId/:name',
    {
      config,
      schema: {
        operationId: 'deleteApiKeyForUser',
        tags,
        summary: 'Delete an API key of a user',
        params: ApiKeyOfUserPath,
        response: { 204: z.null().describe('The key is revoked') },
      },
    },
    async (request, reply) => {
      await deleteApiKeyOfUser(dependencies, callerIn(request), request.params.userId, request.params.name)
      return reply.code(204).send(null)
    },
  )
}
