import { type FedEvent, listEventsAfter, readTrailHead, readWithTimeout } from '@daytona-auth/db/audit'
import type { Channel, Database, OrganizationId } from '@daytona-auth/db/core'
import { unavailable } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'
import type { FirstUseNotice } from './schema.ts'

export interface TrailFeedOptions {
  readonly database: Database
  readonly channel: Pick<Channel, 'isFresh' | 'subscribe' | 'subscribeToNotices'>
  readonly logger: Pick<FastifyBaseLogger, 'warn'>
}

/** Receives what happens in one organization. Its functions return at once. */
export interface Subscriber {
  /** New events, in the order of the trail. */
  readonly receive: (events: readonly FedEvent[]) => void
  readonly receiveUse: (notice: FirstUseNotice) => void
  /** Notices may have been lost. Events of the trail are not. */
  readonly reset: () => void
}

/** The new events of the trails that someone reads, read once for all readers of this process. */
export interface TrailFeed {
  /**
   * Subscribes to an organization. Resolves with the number of the last event that `subscriber` does not receive.
   * @throws Denial 503 while this process may miss notifications
   */
  subscribe(organizationId: OrganizationId, subscriber: Subscriber): Promise<number>
  unsubscribe(organizationId: OrganizationId, subscriber: Subscriber): void
  close(): void
}

interface Trail {
  /** The number of the last event that was delivered; undefined until it is read. */
  head: number | undefined
  readonly opening: Promise<number>
  readonly subscribers: Set<Subscriber>
}

const READ_MS = 4000
const RETRY_MS = 1000
/** The most events of one statement. Far fewer bytes than a stream holds. */
const BATCH = 100

/**
 * Creates the feed of a process. A notification marks its trail; one reader at a time reads the marked trails in turn, so that
 * neither readers nor busy organizations take connections from requests.
 */
export function createTrailFeed({ database, channel, logger }: TrailFeedOptions): TrailFeed {
  const trails = new Map<OrganizationId, Trail>()
  const marked = new Set<OrganizationId>()
  let isReading = false
  let retry: NodeJS.Timeout | undefined

  const stopNotices = channel.subscribeToNotices((notice) => {
    const trail = trails.get(notice.organizationId)
    if (trail === undefined) return
    if (notice.kind === 'audit') mark(notice.organizationId)
    else for (const { receiveUse } of trail.subscribers) receiveUse(notice)
  })
  const stopEvents = channel.subscribe((event) => {
    // After a reconnection. The other resets concern permissions.
    if (event.kind !== 'reset' || !event.reason.endsWith('connected')) return
    for (const [organizationId, { subscribers }] of trails) {
      for (const { reset } of subscribers) reset()
      mark(organizationId)
    }
  })

  function mark(organizationId: OrganizationId): void {
    marked.add(organizationId)
    void readMarked()
  }

  async function readMarked(): Promise<void> {
    if (isReading) return
    isReading = true
    for (const organizationId of marked) {
      // Removed before the read: a notification during it marks the trail again.
      marked.delete(organizationId)
      try {
        await readNew(organizationId)
      } catch (error) {
        logger.warn({ err: error, organizationId }, 'events could not be read')
        marked.add(organizationId)
        break
      }
    }
    isReading = false
    clearTimeout(retry)
    if (marked.size > 0) retry = setTimeout(readMarked, RETRY_MS)
  }

  async function readNew(organizationId: OrganizationId): Promise<void> {
    const trail = trails.get(organizationId)
    if (trail?.head === undefined) return
    const { head } = trail
    const events = await readWithTimeout(database, READ_MS, (tx) =>
      listEventsAfter(tx, organizationId, head, { limit: BATCH }),
    )
    const last = events.at(-1)
    if (last === undefined) return
    trail.head = last.sequence
    for (const { receive } of trail.subscribers) receive(events)
    if (events.length === BATCH) marked.add(organizationId)
  }

  function open(organizationId: OrganizationId): Trail {
    const trail: Trail = {
      head: undefined,
      opening: readWithTimeout(database, READ_MS, (tx) => readTrailHead(tx, organizationId)),
      subscribers: new Set(),
    }
    trails.set(organizationId, trail)
    trail.opening.then(
      (head) => {
        trail.head = head
        mark(organizationId)
      },
      () => {}, // the subscribers handle it
    )
    return trail
  }

  function unsubscribe(organizationId: OrganizationId, subscriber: Subscriber): void {
    const trail = trails.get(organizationId)
    trail?.subscribers.delete(subscriber)
    if (trail?.subscribers.size === 0) trails.delete(organizationId)
  }

  return {
    async subscribe(organizationId, subscriber) {
      if (!channel.isFresh()) throw unavailable('the channel is stale')
      const trail = trails.get(organizationId) ?? open(organizationId)
      // Before the number is known, so that no event is missed in between.
      trail.subscribers.add(subscriber)
      try {
        return trail.head ?? (await trail.opening)
      } catch (error) {
        unsubscribe(organizationId, subscriber)
        throw error
      }
    },
    unsubscribe,
    close() {
      stopNotices()
      stopEvents()
      clearTimeout(retry)
      trails.clear()
      marked.clear()
    },
  }
}
