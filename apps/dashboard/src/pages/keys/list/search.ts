import { choiceOf, compact, textOf } from '../../../ui/search-params.ts'

export const STATUSES = ['active', 'expired', 'revoked', 'all'] as const
export type Status = (typeof STATUSES)[number]

/** What the line above the list counts. */
export const ATTENTION = ['expiring', 'unused', 'administration'] as const
export type Attention = (typeof ATTENTION)[number]

/** The state of the list that is in the URL. */
export interface KeysSearch {
  readonly q?: string
  readonly status?: Status
  readonly attention?: Attention
  readonly sort?: string
}

export const SORTS = [
  '-created',
  'created',
  'name',
  '-name',
  'owner',
  '-owner',
  'used',
  '-used',
  'expires',
  '-expires',
] as const

export const keysSearch = (search: Record<string, unknown>): KeysSearch =>
  compact({
    q: textOf(search, 'q'),
    status: choiceOf(search, 'status', STATUSES),
    attention: ATTENTION.find((one) => one === search['attention']),
    sort: choiceOf(search, 'sort', SORTS),
  })
