import { errors } from '@daytona-auth/service'
import { callerIn } from '../../http/caller.ts'
import type { Admit } from '../../http/creation-limit.ts'
import type { Routes } from '../../http/routes.ts'
import { create, find, list, remove, replaceLabels, reportState, type SandboxDependencies } from './sandboxes.ts'
import {
  CreateSandbox,
  ListSandboxesQuery,
  Sandbox,
  SandboxLabels,
  SandboxPageBody,
  SandboxPath,
  SandboxStateReport,
  sandboxToWire,
} from './schema.ts'

const tags = ['Sandboxes']

const read = { access: 'read:sandboxes', organization: 'header' } as const
const write = { access: 'write:sandboxes', organization: 'header', resourceWrite: true } as const

export interface SandboxRouteOptions extends SandboxDependencies {
  readonly toolboxProxyUrl: string
  /** Limits creations, by organization. */
  readonly admit: Admit
}

export const sandboxRoutes: Routes<SandboxRouteOptions> = (app, options) => {
  const { toolboxProxyUrl, admit } = options

  app.get(
    '/sandbox',
    {
      config: read,
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
      config: write,
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

  app.get(
    '/sandbox/:sandboxIdOrName',
    {
      config: read,
      schema: {
        operationId: 'getSandbox',
        tags,
        summary: 'Get a sandbox',
        params: SandboxPath,
        response: { 200: Sandbox, ...errors(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) =>
      sandboxToWire(await find(options, request.organization, request.params.sandboxIdOrName), toolboxProxyUrl),
  )

  app.delete(
    '/sandbox/:sandboxIdOrName',
    {
      config: write,
      schema: {
        operationId: 'deleteSandbox',
        tags,
        summary: 'Delete a sandbox',
        description:
          'Deletes the record, and answers it as it was but for its state: the runner has yet to hear of it.',
        params: SandboxPath,
        response: { 200: Sandbox, ...errors(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const row = await remove(options, callerIn(request), request.params.sandboxIdOrName)
      return sandboxToWire({ ...row, state: 'destroying' }, toolboxProxyUrl)
    },
  )

  app.put(
    '/sandbox/:sandboxIdOrName/labels',
    {
      config: write,
      schema: {
        operationId: 'replaceLabels',
        tags,
        summary: 'Replace a sandbox’s labels',
        params: SandboxPath,
        body: SandboxLabels,
        response: { 200: SandboxLabels, ...errors(400, 401, 403, 404, 413, 415, 429, 503) },
      },
    },
    async (request) => {
      const { labels } = await replaceLabels(
        options,
        callerIn(request),
        request.params.sandboxIdOrName,
        request.body.labels,
      )
      return { labels }
    },
  )

  app.put(
    '/sandbox/:sandboxIdOrName/state',
    {
      config: write,
      schema: {
        operationId: 'updateSandboxState',
        tags,
        summary: 'Report a sandbox’s state',
        description: 'For runners.',
        params: SandboxPath,
        body: SandboxStateReport,
        response: { 200: Sandbox, ...errors(400, 401, 403, 404, 413, 415, 429, 503) },
      },
    },
    async (request) => {
      const row = await reportState(options, callerIn(request), request.params.sandboxIdOrName, request.body)
      return sandboxToWire(row, toolboxProxyUrl)
    },
  )
}
