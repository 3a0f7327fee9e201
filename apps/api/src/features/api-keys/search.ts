import { insufficientScope, permissionNames } from '@daytona-auth/auth'
import {
  type ApiKeyCounts,
  type ApiKeyOrder,
  type ApiKeyPosition,
  type ApiKeyRow,
  type ApiKeySearch,
  type ApiKeyWord,
  countApiKeys,
  searchApiKeys,
} from '@daytona-auth/db/api-keys'
import type { Page, PageRequest, UserId } from '@daytona-auth/db/core'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../http/caller.ts'
import { denySlowSearch } from '../../http/slow-search.ts'
import type { ApiKeyDependencies } from './api-keys.ts'
import { isAdministrator, ownKeysOf } from './own-api-keys.ts'
import { type ListApiKeysQuery, MOST_COUNTED, wordsOf } from './search-schema.ts'

type Asked = Omit<z.output<typeof ListApiKeysQuery>, 'limit' | 'cursor'>

/**
 * Reads a page of keys: every member's for administrators, their own for other callers.
 * @throws Denial 403 for another user's keys unless the caller is an administrator, 422 for a search that takes too long
 */
export function readApiKeyPage(
  { database }: ApiKeyDependencies,
  caller: CallerInOrganization,
  { q, status, permission, id, userId, sort }: Asked,
  page: PageRequest<ApiKeyPosition>,
): Promise<Page<ApiKeyRow, ApiKeyPosition>> {
  const search: ApiKeySearch = {
    ...whose(caller, userId),
    status,
    id,
    ...(permission && { permissions: [...new Set([permission, 'admin:organization'])] }),
    ...(q !== undefined && { words: wordsOf(q).map(toWord) }),
  }
  return searchApiKeys(database, caller.organization.organizationId, search, orderOf(sort), page).catch(
    denySlowSearch('narrow it with userId or status'),
  )
}

/** Counts active keys: every member's for administrators, their own for other callers. */
export const readApiKeySummary = (
  { database }: ApiKeyDependencies,
  caller: CallerInOrganization,
): Promise<ApiKeyCounts> =>
  countApiKeys(database, caller.organization.organizationId, whose(caller, undefined), MOST_COUNTED).catch(
    denySlowSearch('list the keys of one owner with GET /api-keys?userId=…'),
  )

/** The member of a key that a `sort` orders by, and the direction. */
export const orderOf = (sort: Asked['sort']): ApiKeyOrder =>
  sort.startsWith('-')
    ? { by: sort.slice(1) as ApiKeyOrder['by'], direction: 'desc' } // the schema allows the names of orders only
    : { by: sort as ApiKeyOrder['by'], direction: 'asc' }

function whose(caller: CallerInOrganization, userId: string | undefined): Pick<ApiKeySearch, 'userId' | 'keyId'> {
  if (isAdministrator(caller)) return userId === undefined ? {} : { userId: userId as UserId } // any text may be looked up
  const own = ownKeysOf(caller)
  if (userId !== undefined && userId !== own.userId) throw insufficientScope('admin:organization')
  return own
}

/** The last four characters of a key, or both visible parts of a masked one, however the middle was shortened. */
const HINT = new RegExp(`^(?:(${KEY_PREFIX}[0-9A-Za-z]{4})(?:\\*+|…|\\.{3}))?([0-9A-Za-z]{4})$`)

function toWord(text: string): ApiKeyWord {
  const [isHint, start, end = ''] = HINT.exec(text) ?? []
  const plain = text.toLowerCase()
  return {
    text,
    permissions: permissionNames().filter((name) => name.includes(plain)),
    ...(isHint !== undefined && { hint: { start, end } }),
  }
}
