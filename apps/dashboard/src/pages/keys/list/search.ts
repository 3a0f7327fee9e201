import { PERMISSIONS, type Permission } from '@daytona-auth/sdk'
import { choiceOf, compact, textOf } from '../../../ui/search-params.ts'

export const STATUSES = ['active', 'expiring', 'unused', 'expired', 'revoked', 'all'] as const
export type Status = (typeof STATUSES)[number]

export const SORTS = [
  '-createdAt',
  'createdAt',
  'name',
  '-name',
  'lastUsedAt',
  '-lastUsedAt',
  'expiresAt',
  '-expiresAt',
] as const
export type KeySort = (typeof SORTS)[number]

/** The state of the list that is in the URL. The members are those of the API. */
export interface KeysSearch {
  readonly q?: string
  readonly status?: Status
  readonly permission?: Permission
  readonly sort?: KeySort
}

export const keysSearch = (search: Record<string, unknown>): KeysSearch =>
  compact({
    q: textOf(search, 'q'),
    status: choiceOf(search, 'status', STATUSES),
    permission: PERMISSIONS.find((name) => name === search['permission']),
    sort: choiceOf(search, 'sort', SORTS),
  })
