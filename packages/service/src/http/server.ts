import { type FastifyBaseLogger, type FastifyRequest, fastify } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import type * as z from 'zod'
import { normalizeForwardedFor } from '../network/client-address.ts'
import { trustedPeers } from '../network/trusted-proxies.ts'
import type { HttpTimings } from '../observability/http-timings.ts'
import { type CallerFacts, RequestRecord } from '../observability/request-record.ts'
import type { Tracing } from '../observability/trace.ts'
import { givenTraceHeaders, givenTraceId } from '../observability/traceparent.ts'
import { drainConnections } from './drain.ts'
import { earlyErrors, errorHandling, invalidRequest, refuseExpectations, type SendRefusal } from './error-handling.ts'
import { parseQuery } from './form-text.ts'
import { badRequest, sendRefusal } from './refusal.ts'
import { requestIds } from './request-id.ts'
import { originForm, refuseOddTargets } from './request-target.ts'
import { readRequestsAsUtf8 } from './request-text.ts'
import { compileSerializer } from './serializer.ts'
import { refuseUnrouted } from './unrouted.ts'
import { compileValidator } from './validation.ts'

export interface ServerOptions {
  logger: Logger
  /** Networks whose `X-Forwarded-*` and `X-Request-Id` are believed. Nobody's by default. */
  trustedProxies?: readonly string[]
  /** Observes the time of each request; `createMetrics` has one. */
  timings?: HttpTimings
  /** Makes a span of each request. */
  tracing?: Tracing | undefined
  /** Says who asked, for the line of each request in the log. */
  callerOf?: (request: FastifyRequest) => CallerFacts | undefined
  bodyLimitBytes?: number
  /** How long a request may take to arrive. Answering it may take longer. */
  requestTimeoutMs?: number
  /** Sends what is refused, errors of handlers included. In the API's shape by default. */
  sendRefusal?: SendRefusal
  /** Changes the path and query before routing. */
  rewritePath?: (path: string) => string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The headers by which who is asked on behalf of this request continues its trace: none that we do not believe. */
    traceHeaders(): Record<string, string>
  }
}

export type Server = ReturnType<typeof createServer>

/** Longer than the idle time of usual load balancers (60 s), so that it is they who close an idle connection. */
const KEEP_ALIVE_MS = 72_000
/** A name of 128 characters of four bytes each, percent-encoded. */
const MAX_PARAM_LENGTH = 128 * 4 * 3

/**
 * The Fastify instance that every server here uses: zod schemas, one error body for every origin of error, a request
 * id on every response, one log line for every request.
 */
export function createServer({
  logger,
  trustedProxies = [],
  timings,
  tracing,
  callerOf,
  bodyLimitBytes = 1024 * 1024,
  requestTimeoutMs = 30_000,
  sendRefusal: send = (_request, reply, refusal) => sendRefusal(reply, refusal),
  rewritePath,
}: ServerOptions) {
  const trusts = trustedPeers(trustedProxies)
  const ids = requestIds(trusts)
  const app = fastify({
    ...earlyErrors(ids, send),
    // Fastify's plugins are typed for its own notion of a logger, which pino's is.
    loggerInstance: logger as FastifyBaseLogger,
    logController: new RequestRecord({
      timings,
      callerOf,
      traceIdOf: (request) => tracing?.traceIdOf(request) ?? givenTraceId(request.raw, trusts),
    }),
    // The first thing that sees a request: whoever reads its address later reads one without a port.
    genReqId(request) {
      normalizeForwardedFor(request, trusts)
      return ids.of(request)
    },
    trustProxy: trustedProxies.length > 0 && trusts,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // While stopping, a request on an open connection is served, and told that the connection closes.
    return503OnClosing: false,
    schemaErrorFormatter: invalidRequest,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, querystringParser: parseQuery },
    http: {
      // Node's own 60 s for the headers would outlast a shorter limit for the whole.
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(requestTimeoutMs, 10_000),
      // Node would answer with an empty body; the hook below says it in ours.
      requireHostHeader: false,
    },
    schemaController: {
      // Given here and not by `set…Compiler`, so that Ajv is never loaded.
      compilersFactory: {
        // Every schema of ours is zod's; Fastify's types are those of Ajv.
        buildValidator: () => (({ schema }: { schema: z.ZodType }) => compileValidator(schema)) as never,
        buildSerializer:
          () =>
          ({ schema }) =>
            compileSerializer(schema as z.ZodType),
      },
    },
    rewriteUrl: (request) => (rewritePath ? rewritePath(originForm(request)) : originForm(request)),
  }).withTypeProvider<ZodTypeProvider>()

  app.decorateRequest('traceHeaders', function (this: FastifyRequest) {
    return tracing?.headersOf(this) ?? givenTraceHeaders(this.raw, trusts)
  })
  tracing?.follow(app, trusts)
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    if (request.raw.headers.host === undefined && request.raw.httpVersion === '1.1') send(request, reply, NO_HOST)
    else done()
  })
  refuseOddTargets(app, send)
  refuseUnrouted(app, { send, maxParamLength: MAX_PARAM_LENGTH })
  readRequestsAsUtf8(app)
  drainConnections(app)
  app.register(errorHandling, { send })
  refuseExpectations(app, ids)
  return app
}

/** RFC 9112 §3.2. */
const NO_HOST = badRequest('Host header is missing')
