import {
  type FedEvent,
  findAuditEventAt,
  findEventSequence,
  listEventsAfter,
  readWithTimeout,
} from '@daytona-auth/db/audit'
import type { Database, OrganizationId } from '@daytona-auth/db/core'
import { compileSerializer } from '@daytona-auth/service'
import { AuditEvent, auditEventToWire } from '../audit/schema.ts'
import type { EventStream } from './event-stream.ts'
import { FirstUse, firstUseToWire } from './schema.ts'
import type { Subscriber, TrailFeed } from './trail-feed.ts'
import { eventFor, mayViewUse, type Viewer } from './viewer.ts'

/** The most events that a reader can miss and still receive. */
const MAX_MISSED = 1000
/** The events of one statement. Far fewer bytes than a stream holds. */
const PAGE = 50
/** The most deliveries that wait while missed events are sent. */
const MAX_WAITING = 1000
const READ_MS = 4000

const serializeEvent = compileSerializer(AuditEvent)
const serializeUse = compileSerializer(FirstUse)

/** An administrator's text of an event, which all administrators share. */
const texts = new WeakMap<FedEvent, string>()

export interface EventReader {
  readonly organizationId: OrganizationId
  readonly viewer: Viewer
  /** The id of the last event that it received. */
  readonly lastEventId: string | undefined
}

/**
 * Subscribes a stream to an organization's events. They wait until the returned function has sent those that the reader
 * missed. It is called once the response has begun, since they may be more than a stream holds.
 */
export async function subscribeStream(
  { database, feed }: { readonly database: Database; readonly feed: TrailFeed },
  { organizationId, viewer, lastEventId }: EventReader,
  stream: EventStream,
): Promise<() => Promise<void>> {
  let waiting: (() => void)[] | undefined = []
  const inTurn = (send: () => void) => {
    if (waiting === undefined) send()
    else if (waiting.push(send) > MAX_WAITING) stream.readable.destroy(new Error('the reader is too slow'))
  }
  const sendAll = (events: readonly FedEvent[]) => {
    for (const event of events) sendEvent(stream, viewer, event)
  }
  const sendReset = () => stream.send({ name: 'reset', data: '{}' })
  const subscriber: Subscriber = {
    receive: (events) => inTurn(() => sendAll(events)),
    receiveUse: (notice) =>
      inTurn(() => {
        if (!mayViewUse(viewer, notice)) return
        stream.send({ name: 'api_key.first_use', data: serializeUse(firstUseToWire(notice)) })
      }),
    reset: () => inTurn(sendReset),
  }
  stream.readable.once('close', () => feed.unsubscribe(organizationId, subscriber))
  const head = await feed.subscribe(organizationId, subscriber)
  const { last, headId } = await readWithTimeout(database, READ_MS, async (tx) => ({
    last: lastEventId === undefined ? head : await findEventSequence(tx, organizationId, lastEventId),
    headId: await findAuditEventAt(tx, organizationId, head),
  }))

  return async () => {
    let from = last
    if (from === undefined || head - from > MAX_MISSED) sendReset()
    while (from !== undefined && from < head && head - from <= MAX_MISSED && !stream.readable.destroyed) {
      const after: number = from
      const events = await readWithTimeout(database, READ_MS, (tx) =>
        listEventsAfter(tx, organizationId, after, { limit: PAGE, upTo: head }),
      )
      sendAll(events)
      await stream.whenRead()
      from = events.at(-1)?.sequence
    }
    // Otherwise a client that is disconnected before its first event could not resume.
    if (headId !== null) stream.setPosition(headId)
    const sends = waiting ?? []
    waiting = undefined
    for (const send of sends) send()
  }
}

function sendEvent(stream: EventStream, viewer: Viewer, fed: FedEvent): void {
  const row = eventFor(viewer, fed)
  if (row === undefined) return
  let data = row === fed.event ? texts.get(fed) : undefined
  if (data === undefined) {
    data = serializeEvent(auditEventToWire(row))
    if (row === fed.event) texts.set(fed, data)
  }
  stream.send({ name: 'audit', data, id: row.id })
}
