import { Readable } from 'node:stream'
import { compileSerializer, errors } from '@daytona-auth/service'
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import * as z from 'zod'
import { type AuditDependencies, list, pages, verifications } from './audit.ts'
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

/** Two statements, each of which the database stops sooner. */
const LIST_MS = 10_000

/** What the other two do grows with the trail, and they go on as long as somebody waits for it. */
const LONG_MS = 60 * 60 * 1000

/** How often a long response asks whether its caller may still read it. */
const RECHECK_MS = 500

export const auditRoutes: FastifyPluginAsyncZod<AuditDependencies> = async (app, dependencies) => {
  const verify = verifications(dependencies)
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
        response: { 200: AuditPageBody, ...errors(400, 401, 403, 404, 422, 429, 503) },
      },
    },
    async (request) => {
      const { rows, next, total, totalPages } = await list(
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
        summary: 'Read all of the audit trail, newest events first: one JSON object a line',
        params: AuditPath,
        querystring: AuditFilterQuery,
        response: {
          200: {
            description: 'A line for each event, as the list has them',
            content: { 'application/x-ndjson': { schema: z.string() } },
          },
          ...errors(400, 401, 403, 404, 422, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const { organizationId } = request.organization
      reply.type(NDJSON).header('content-disposition', `attachment; filename="audit-${organizationId}.ndjson"`)
      if (request.method === 'HEAD') return reply.send('')
      const read = pages(dependencies, organizationId, filterOf(request.query))
      // What fails now is still answered as an error; later the connection breaks off.
      const first = await read.next()
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
        summary: 'Recompute the chain of the audit trail',
        description: 'An event that was edited, removed or put elsewhere breaks it.',
        params: AuditPath,
        response: { 200: AuditVerification, ...errors(400, 401, 403, 404, 429, 503) },
      },
    },
    (request) => verify(request.organization.organizationId),
  )
}

/** Breaks a response off within a second after its caller may not read it any more, however slowly it is read. */
function endWithAccess(request: FastifyRequest, stream: Readable): void {
  const timer = setInterval(async () => {
    const may = await request.mayContinue().catch(() => false)
    if (!may) stream.destroy(new Error('the caller may not read this any more'))
  }, RECHECK_MS)
  stream.once('close', () => clearInterval(timer))
}
