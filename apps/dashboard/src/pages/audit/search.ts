import type { AuditLog } from '@daytona-auth/sdk'
import { choiceOf, compact, type SearchChange, textOf } from '../../ui/search-params.ts'

/** How far back the list goes. */
export const SPANS = ['all', '1h', '24h', '7d', '30d'] as const
export type Span = (typeof SPANS)[number]

/** Values that the list can be filtered by: each name is one of the API's filters. */
export const FILTERS = ['actorEmail', 'actorApiKeySuffix', 'action', 'targetType', 'targetId', 'statusCode'] as const
export type FilterName = (typeof FILTERS)[number]

export const LIVE = ['off', 'on'] as const

/** The state of the list that is in the URL. */
export interface AuditSearch {
  readonly span?: Span
  readonly actorEmail?: string
  readonly actorApiKeySuffix?: string
  readonly action?: string
  readonly targetType?: string
  readonly targetId?: string
  readonly statusCode?: string
  /** Whether new events appear by themselves. */
  readonly live?: (typeof LIVE)[number]
  /** The id of the event whose details are open. */
  readonly event?: string
}

/** Sets a filter, or removes it. */
export const filterChange = (name: FilterName, value: string | undefined): SearchChange<AuditSearch> => {
  const change: { [Name in FilterName]?: string | undefined } = {}
  change[name] = value
  return change
}

/** Whether an event passes the filters, as the API decides for the list. A new one is in every time range. */
export const isMatch = (event: AuditLog, search: AuditSearch): boolean =>
  FILTERS.every((name) => {
    const wanted = search[name]
    if (wanted === undefined) return true
    const value = String(event[name] ?? '')
    return name === 'actorEmail' ? value.toLowerCase() === wanted.toLowerCase() : value === wanted
  })

export const auditSearch = (search: Record<string, unknown>): AuditSearch =>
  compact({
    span: choiceOf(search, 'span', SPANS),
    actorEmail: textOf(search, 'actorEmail', 320),
    actorApiKeySuffix: textOf(search, 'actorApiKeySuffix'),
    action: textOf(search, 'action'),
    targetType: textOf(search, 'targetType'),
    targetId: textOf(search, 'targetId'),
    statusCode: /^\d{3}$/.exec(textOf(search, 'statusCode') ?? '')?.[0],
    live: choiceOf(search, 'live', LIVE),
    event: textOf(search, 'event'),
  })
