import { errors } from '@daytona-auth/service'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { callerIn } from '../../caller.ts'
import type { Admit } from '../../creation-limit.ts'
import { create, list, type SandboxDependencies } from './sandboxes.ts'
import { CreateSandbox, ListSandboxesQuery, Sandbox, SandboxPageBody, sandboxToWire } from './schema.ts'

const tags = ['Sandboxes']

export interface SandboxRouteOptions extends SandboxDependencies {
  readonly toolboxProxyUrl: string
  /** Limits creations, by organization. */
  readonly admit: Admit
}

export const sandboxRoutes: FastifyPluginAsyncZod<SandboxRouteOptions> = async (app, options) => {
  const { toolboxProxyUrl, admit } = options

  app.get(
    '/sandbox',
    {
      config: { access: 'read:sandboxes', organization: 'header' },
      schema: {
        operationId: 'listSandboxes',
        tags,
        summary: 'List sandboxes',
        querystring: ListSandboxesQuery,
        response: { 200: SandboxPageBody, ...errors(400, 401, 403, 429, 503) },
      },
    },
    async (request) => {
      const { rows, nextCursor } = await list(options, request.organization, request.query)
      return { items: rows.map((row) => sandboxToWire(row, toolboxProxyUrl)), nextCursor }
    },
  )

  app.post(
    '/sandbox',
    {
      config: { access: 'write:sandboxes', organization: 'header', resourceWrite: true },
      schema: {
        operationId: 'createSandbox',
        tags,
        summary: 'Create a sandbox',
        description: 'Makes the record; running it is the platform’s business.',
        body: CreateSandbox,
        response: { 200: Sandbox, ...errors(400, 401, 403, 409, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      admit(request.organization.organizationId, reply)
      return sandboxToWire(await create(options, callerIn(request), request.body), toolboxProxyUrl)
    },
  )
}
