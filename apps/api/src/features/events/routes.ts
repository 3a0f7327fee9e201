import type { Database } from '@daytona-auth/db/core'
import { unavailable } from '@daytona-auth/service'
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Registry } from 'prom-client'
import * as z from 'zod'
import { createEventStream, type EventStream } from './event-stream.ts'
import { subscribeStream } from './events.ts'
import { EVENT_STREAM, EventHeaders } from './schema.ts'
import { streamMetrics } from './stream-metrics.ts'
import { type StreamLimits, streamSlots } from './stream-slots.ts'
import { createTrailFeed, type TrailFeedOptions } from './trail-feed.ts'
import { isStillEnough, type Viewer, viewerOf } from './viewer.ts'

export interface EventDependencies extends Pick<TrailFeedOptions, 'channel' | 'logger'> {
  readonly database: Database
  readonly limits: StreamLimits
  /** Absent: no metric. */
  readonly registry?: Registry | undefined
}

/** Shorter than the idle timeouts of proxies. */
const HEARTBEAT_MS = 15_000
/** The interval at which a stream re-verifies its reader. */
const RECHECK_MS = 500
/** After which a client has to reconnect, so that streams spread over the servers again. */
const LIFETIME_MS = 30 * 60_000
/** Longer than a stream. */
const HANDLER_MS = 2 * LIFETIME_MS

export const eventRoutes: FastifyPluginAsyncZod<EventDependencies> = async (app, dependencies) => {
  const { database, channel, logger, limits, registry } = dependencies
  const feed = createTrailFeed({ database, channel, logger })
  const slots = streamSlots(limits)
  if (registry) streamMetrics(registry, { slots, limit: limits.perProcess })
  const streams = new Set<EventStream>()
  const heartbeat = setInterval(() => {
    for (const { sendComment } of streams) sendComment()
  }, HEARTBEAT_MS)
  let isClosing = false
  // Before the server waits for its responses.
  app.addHook('preClose', async () => {
    isClosing = true
    for (const { end } of streams) end()
  })
  app.addHook('onClose', async () => {
    clearInterval(heartbeat)
    feed.close()
  })

  app.get(
    '/events',
    {
      config: { access: 'authenticated', organization: 'header' },
      handlerTimeout: HANDLER_MS,
      schema: {
        operationId: 'streamEvents',
        tags: ['Audit'],
        summary: 'Stream the events of an organization as they happen',
        description: [
          'Server-sent events. `audit` has an event of the audit trail and an `id`; `api_key.first_use` reports the first request with a secret of an API key; `reset` states that events may be missing: read again what you show; `position` has only an `id` to resume from.',
          'With `admin:organization` you receive all events. Otherwise you receive those about your own API keys, and an API key those about itself; the address and browser of others are then `null`.',
          'Send `Last-Event-ID` to receive up to 1,000 events that you missed. First uses are not repeated. The stream ends after 30 minutes and when your access ends: connect again.',
        ].join('\n\n'),
        headers: EventHeaders,
        response: {
          200: {
            description: 'Events, until the connection is closed',
            content: { 'text/event-stream': { schema: z.string() } },
          },
        },
      },
    },
    async (request, reply) => {
      const { organizationId } = request.organization
      const viewer = viewerOf(request.principal, request.organization)
      reply.type(EVENT_STREAM).headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
      if (request.method === 'HEAD') return reply.send('')
      // This request waited while the server began to close: nothing would end its stream.
      if (isClosing) throw unavailable('the server is closing')
      const release = slots.take(organizationId, request.principal.userId)
      if (typeof release !== 'function') throw release

      // Spread, so that the clients of a server that stops do not reconnect at once.
      const stream = createEventStream({ retryMs: 1000 + Math.floor(Math.random() * 4000) })
      streams.add(stream)
      const stopRechecks = endWithAccess(request, stream, viewer)
      const lifetime = setTimeout(stream.end, LIFETIME_MS)
      stream.readable.once('close', () => {
        streams.delete(stream)
        stopRechecks()
        clearTimeout(lifetime)
        release()
      })
      const lastEventId = request.headers['last-event-id'] || undefined
      const sendMissed = await subscribeStream(
        { database, feed },
        { organizationId, viewer, lastEventId },
        stream,
      ).catch((error: unknown) => {
        stream.readable.destroy()
        throw error
      })
      // Answered by a timeout, or the client has gone: nothing would read the stream or close it.
      if (reply.sent || reply.raw.destroyed) {
        stream.readable.destroy()
        return reply
      }
      if (stream.readable.destroyed) throw unavailable('the access could not be confirmed, or the reader is too slow')
      reply.send(stream.readable as never) // typed for what the schema serializes
      sendMissed().catch((error: Error) => stream.readable.destroy(error))
      return reply
    },
  )
}

/** Closes a stream soon after its reader loses access, also if it reads slowly. Returns a function that stops the checks. */
function endWithAccess(request: FastifyRequest, { readable }: EventStream, viewer: Viewer): () => void {
  const timer = setInterval(async () => {
    const hasAccess = await request
      .mayContinue((organization) => isStillEnough(viewer, organization))
      .catch(() => false)
    if (!hasAccess) readable.destroy(new Error('the caller has lost access'))
  }, RECHECK_MS)
  return () => clearInterval(timer)
}
