import type { AuditLog } from '@daytona-auth/sdk'
import { useCallback, useEffect, useReducer, useRef } from 'react'
import { type StreamState, useOrganizationEvents } from '../../api/events.ts'

/** The most new events that are kept. Older ones are in the list, once it is read again. */
const MAX_EVENTS = 200

interface State {
  /** Newest first. */
  readonly events: readonly AuditLog[]
  /** What is shown while paused. Undefined: all. */
  readonly frozen: readonly AuditLog[] | undefined
}

type Action =
  | { readonly kind: 'received'; readonly event: AuditLog }
  | { readonly kind: 'paused' }
  | { readonly kind: 'resumed' }
  /** The list has been read again, and contains these. */
  | { readonly kind: 'read'; readonly ids: ReadonlySet<string> }

function reduce(state: State, action: Action): State {
  switch (action.kind) {
    case 'received': {
      if (state.events.some(({ id }) => id === action.event.id)) return state
      return { ...state, events: [action.event, ...state.events].slice(0, MAX_EVENTS) }
    }
    case 'paused':
      return { ...state, frozen: state.events }
    case 'resumed':
      return { ...state, frozen: undefined }
    case 'read':
      return { ...state, events: state.events.filter(({ id }) => !action.ids.has(id)) }
  }
}

/** The new events of one organization: use it in a component that is keyed by the organization. */
export interface LiveEvents {
  readonly stream: StreamState
  /** What is shown above the list, newest first. */
  readonly events: readonly AuditLog[]
  readonly isPaused: boolean
  /** How many events wait while paused; `MAX_EVENTS` stands for at least as many. */
  readonly waiting: number
  readonly pause: () => void
  readonly resume: () => void
}

/** Whether as many events wait as are kept: there may be more. */
export const isFull = (waiting: number): boolean => waiting >= MAX_EVENTS

/**
 * Collects the new events that pass `isMatch`. `readList` reads the list again: after a gap, for another filter, and when more
 * events have come than are kept, so that none is missing between them and the list. While paused, no event is added to what is
 * shown.
 */
export function useLiveEvents(
  organizationId: string,
  {
    isOn,
    filter,
    isMatch,
    readList,
  }: {
    readonly isOn: boolean
    /** Identifies the filter of the list. */
    readonly filter: string
    readonly isMatch: (event: AuditLog) => boolean
    /** Returns whether the list could be read. */
    readonly readList: () => Promise<boolean>
  },
): LiveEvents {
  const [{ events, frozen }, dispatch] = useReducer(reduce, { events: [], frozen: undefined })
  const latest = useRef({ events, isPaused: false, isReading: false, isBehind: false })
  useEffect(() => {
    latest.current.events = events
    latest.current.isPaused = frozen !== undefined
  })

  const catchUp = useCallback(async () => {
    const now = latest.current
    now.isBehind = true
    // A pause ends with it, and one reading follows the other.
    if (now.isPaused || now.isReading) return
    now.isReading = true
    while (now.isBehind && !now.isPaused) {
      now.isBehind = false
      const ids = new Set(now.events.map(({ id }) => id))
      if (await readList()) dispatch({ kind: 'read', ids })
      else {
        // Nothing is dropped. The next gap, or "Try again", reads the list.
        now.isBehind = true
        break
      }
    }
    now.isReading = false
  }, [readList])

  const stream = useOrganizationEvents(organizationId, {
    onEvent: (event) => {
      if (event.type !== 'audit' || !isMatch(event.event)) return
      dispatch({ kind: 'received', event: event.event })
      if (latest.current.events.length + 1 >= MAX_EVENTS) void catchUp()
    },
    onGap: () => void catchUp(),
    isEnabled: isOn,
  })
  const seenFilter = useRef(filter)
  useEffect(() => {
    if (seenFilter.current === filter) return
    seenFilter.current = filter
    if (isOn) void catchUp()
  }, [filter, isOn, catchUp])
  return {
    stream,
    events: frozen ?? events,
    isPaused: frozen !== undefined,
    waiting: frozen === undefined ? 0 : countNew(events, frozen),
    pause: useCallback(() => dispatch({ kind: 'paused' }), []),
    resume: useCallback(() => {
      latest.current.isPaused = false
      dispatch({ kind: 'resumed' })
      if (latest.current.isBehind) void catchUp()
    }, [catchUp]),
  }
}

function countNew(events: readonly AuditLog[], frozen: readonly AuditLog[]): number {
  const shown = new Set(frozen.map(({ id }) => id))
  return events.filter(({ id }) => !shown.has(id)).length
}
