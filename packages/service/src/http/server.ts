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
import { badRequest, sendDenial } from './denial.ts'
import { drainConnections } from './drain.ts'
import { denyExpectations, earlyErrors, errorHandling, invalidRequest, type SendDenial } from './error-handling.ts'
import { parseQuery } from './form-text.ts'
import { requestIds } from './request-id.ts'
import { denyOddTargets, originForm } from './request-target.ts'
import { readRequestsAsUtf8 } from './request-text.ts'
import { compileSerializer } from './serializer.ts'
import { denyUnrouted } from './unrouted.ts'
import { compileValidator } from './validation.ts'

export interface ServerOptions {
  logger: Logger
  /** Networks whose `X-Forwarded-*` and `X-Request-Id` are trusted. None by default. */
  trustedProxies?: readonly string[]
  /** Observes the time of each request; `createMetrics` has one. */
  timings?: HttpTimings
  /** Creates a span for each request. */
  tracing?: Tracing | undefined
  /** Identifies the caller for the log line of each request. */
  callerOf?: (request: FastifyRequest) => CallerFacts | undefined
  bodyLimitBytes?: number
  /** How long a request may take to arrive. The response may take longer. */
  requestTimeoutMs?: number
  /** Sends denials, including errors of handlers. Uses the API's error body by default. */
  sendDenial?: SendDenial
  /** Changes the path and query before routing. */
  rewritePath?: (path: string) => string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Returns the headers that propagate the trace of this request to another server. Untrusted ones are left out. */
    traceHeaders(): Record<string, string>
  }
}

export type Server = ReturnType<typeof createServer>

/** Longer than the idle timeout of common load balancers (60 s), so that they close an idle connection first. */
const KEEP_ALIVE_MS = 72_000
/** A name of 128 characters of four bytes each, percent-encoded. */
const MAX_PARAM_LENGTH = 128 * 4 * 3

/**
 * Creates the Fastify instance that every server uses: zod schemas, one error body for all errors, a request id on every
 * response, one log line for every request.
 */
export function createServer({
  logger,
  trustedProxies = [],
  timings,
  tracing,
  callerOf,
  bodyLimitBytes = 1024 * 1024,
  requestTimeoutMs = 30_000,
  sendDenial: send = (_request, reply, denial) => sendDenial(reply, denial),
  rewritePath,
}: ServerOptions) {
  const trusts = trustedPeers(trustedProxies)
  const ids = requestIds(trusts)
  const app = fastify({
    ...earlyErrors(ids, send),
    // Fastify's plugins are typed for its own logger interface, which pino implements.
    loggerInstance: logger as FastifyBaseLogger,
    logController: new RequestRecord({
      timings,
      callerOf,
      traceIdOf: (request) => tracing?.traceIdOf(request) ?? givenTraceId(request.raw, trusts),
    }),
    // The first step of a request, so that all later readers see its address without a port.
    genReqId(request) {
      normalizeForwardedFor(request, trusts)
      return ids.of(request)
    },
    trustProxy: trustedProxies.length > 0 && trusts,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // During shutdown, requests on open connections are served, with `Connection: close`.
    return503OnClosing: false,
    schemaErrorFormatter: invalidRequest,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, querystringParser: parseQuery },
    http: {
      // Node's default of 60 s for the headers would exceed a shorter limit for the whole request.
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(requestTimeoutMs, 10_000),
      // Node would answer with an empty body; the hook below sends our error body.
      requireHostHeader: false,
    },
    schemaController: {
      // Set here and not by `set…Compiler`, so that Ajv is never loaded.
      compilersFactory: {
        // All schemas are zod schemas; Fastify's types are those of Ajv.
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
  drainConnections(app)
  tracing?.follow(app, trusts)
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    if (request.raw.headers.host === undefined && request.raw.httpVersion === '1.1') send(request, reply, NO_HOST)
    else done()
  })
  denyOddTargets(app, send)
  denyUnrouted(app, { send, maxParamLength: MAX_PARAM_LENGTH })
  readRequestsAsUtf8(app)
  app.register(errorHandling, { send })
  denyExpectations(app, ids)
  return app
}

/** RFC 9112 §3.2. */
const NO_HOST = badRequest('Host header is missing')
