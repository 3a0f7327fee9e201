import { Readable } from 'node:stream'
import { compileSerializer, errors } from '@daytona-auth/service'
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import * as z from 'zod'
import { type AuditDependencies, createChainVerifier, readAuditPage, readAuditPages } from './audit.ts'
import { AuditFilterQuery, filterOf, nestFilters } from './filter.ts'
import {
  AuditEvent,
  AuditPageBody,
  AuditPath,
  AuditVerification,
  auditEventToWire,
  encodeToken,
  ListAuditQuery,
} from './schema.ts'

const tags = ['Audit']
const config = { access: 'admin:organization', organization: 'path' } as const
const NDJSON = 'application/x-ndjson; charset=utf-8'

/** Longer than two statements, each of which the database cancels earlier. */
const LIST_MS = 10_000

/** The duration of the other two grows with the trail. They continue while a client waits. */
const LONG_MS = 60 * 60 * 1000

/** The interval at which a long response re-verifies its caller. */
const RECHECK_MS = 500

export const auditRoutes: FastifyPluginAsyncZod<AuditDependencies> = async (app, dependencies) => {
  const verifyChain = createChainVerifier(dependencies)
  const lineOf = compileSerializer(AuditEvent)

  app.addHook('preValidation', async (request) => {
    request.query = nestFilters(request.query)
  })

  app.get(
    '/audit/organizations/:organizationId',
    {
      config,
      handlerTimeout: LIST_MS,
      schema: {
        operationId: 'getOrganizationAuditLogs',
        tags,
        summary: 'Read the audit trail, newest events first',
        params: AuditPath,
        querystring: ListAuditQuery,
        response: { 200: AuditPageBody, ...errors(422) },
      },
    },
    async (request) => {
      const { rows, next, total, totalPages } = await readAuditPage(
        dependencies,
        request.organization.organizationId,
        request.query,
      )
      return {
        items: rows.map(auditEventToWire),
        total,
        page: request.query.page,
        totalPages,
        ...(next && { nextToken: encodeToken(next) }),
      }
    },
  )

  app.get(
    '/audit/organizations/:organizationId/export',
    {
      config,
      handlerTimeout: LONG_MS,
      schema: {
        operationId: 'exportOrganizationAuditLogs',
        tags,
        summary: 'Export the audit trail, newest events first, one JSON object a line',
        params: AuditPath,
        querystring: AuditFilterQuery,
        response: {
          200: {
            description: 'One line per event, in the form of the list',
            content: { 'application/x-ndjson': { schema: z.string() } },
          },
          ...errors(422),
        },
      },
    },
    async (request, reply) => {
      const { organizationId } = request.organization
      reply.type(NDJSON).header('content-disposition', `attachment; filename="audit-${organizationId}.ndjson"`)
      if (request.method === 'HEAD') return reply.send('')
      const read = readAuditPages(dependencies, organizationId, filterOf(request.query))
      // A failure of the first page is an error response. Later failures abort the connection.
      const first = await read.next()
      // The handler timeout has answered in the meantime: nothing would read the stream or close it.
      if (reply.sent) return reply
      async function* texts() {
        for (let page = first; !page.done; page = await read.next()) {
          yield page.value.map((row) => `${lineOf(auditEventToWire(row))}\n`).join('')
        }
      }
      const stream = Readable.from(texts(), { highWaterMark: 1 })
      endWithAccess(request, stream)
      return reply.send(stream as never) // typed for what the schema serializes
    },
  )

  app.get(
    '/audit/organizations/:organizationId/verify',
    {
      config,
      handlerTimeout: LONG_MS,
      schema: {
        operationId: 'verifyOrganizationAuditLogs',
        tags,
        summary: 'Verify the hash chain of the audit trail',
        description: 'An event that was edited, removed or moved breaks the chain.',
        params: AuditPath,
        response: { 200: AuditVerification },
      },
    },
    (request) => verifyChain(request.organization.organizationId),
  )
}

/** Aborts a response within a second after its caller loses access, even if it is read slowly. */
function endWithAccess(request: FastifyRequest, stream: Readable): void {
  const timer = setInterval(async () => {
    const hasAccess = await request.mayContinue().catch(() => false)
    if (!hasAccess) stream.destroy(new Error('the caller has lost access'))
  }, RECHECK_MS)
  stream.once('close', () => clearInterval(timer))
}
