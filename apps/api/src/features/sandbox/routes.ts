import { errors } from '@daytona-auth/service'
import { callerIn } from '../../http/caller.ts'
import type { Admit } from '../../http/creation-limit.ts'
import type { Routes } from '../../http/routes.ts'
import {
  createSandbox,
  getSandbox,
  readSandboxPage,
  removeSandbox,
  replaceSandboxLabels,
  reportSandboxState,
  type SandboxDependencies,
} from './sandboxes.ts'
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
        response: { 200: SandboxPageBody },
      },
    },
    async (request) => {
      const { rows, nextCursor } = await readSandboxPage(options, request.organization, request.query)
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
        description: 'Creates the record. The platform runs the sandbox.',
        body: CreateSandbox,
        response: { 200: Sandbox, ...errors(409) },
      },
    },
    async (request, reply) => {
      admit(request.organization.organizationId, reply)
      return sandboxToWire(await createSandbox(options, callerIn(request), request.body), toolboxProxyUrl)
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
        response: { 200: Sandbox },
      },
    },
    async (request) =>
      sandboxToWire(await getSandbox(options, request.organization, request.params.sandboxIdOrName), toolboxProxyUrl),
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
          'Deletes the record and returns it with the state `destroying`: its runner has not stopped it yet.',
        params: SandboxPath,
        response: { 200: Sandbox },
      },
    },
    async (request) => {
      const row = await removeSandbox(options, callerIn(request), request.params.sandboxIdOrName)
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
        summary: 'Replace the labels of a sandbox',
        params: SandboxPath,
        body: SandboxLabels,
        response: { 200: SandboxLabels },
      },
    },
    async (request) => {
      const { labels } = await replaceSandboxLabels(
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
        summary: 'Report the state of a sandbox',
        description: 'For runners.',
        params: SandboxPath,
        body: SandboxStateReport,
        response: { 200: Sandbox },
      },
    },
    async (request) => {
      const row = await reportSandboxState(options, callerIn(request), request.params.sandboxIdOrName, request.body)
      return sandboxToWire(row, toolboxProxyUrl)
    },
  )
}
