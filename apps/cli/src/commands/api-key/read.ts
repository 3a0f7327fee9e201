import type { ApiKey } from '@daytona-auth/sdk'
import { type Api, withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { openDashboard, organizationPage, withQuery } from '../../dashboard.ts'
import { UsageError } from '../../failure.ts'
import type { WebOption } from '../../web-option.ts'
import { findUserId } from '../member/find-member.ts'
import { readMemberNames } from '../member/member-names.ts'
import { type SearchOptions, toKeyQuery } from './search.ts'
import { createListView, SHOWN } from './view.ts'

export interface ListOptions extends SearchOptions, WebOption {
  /** Id or e-mail address of the owner. */
  readonly user?: string | undefined
  readonly limit?: number | undefined
}

/** Lists keys. The names of owners are read beside them, because programs find an address in that column. */
export async function listKeys(context: CommandContext, options: ListOptions): Promise<void> {
  const { user, limit, web } = options
  const query = toKeyQuery(options)
  if (web) {
    if (user !== undefined) throw new UsageError('The dashboard has no filter by owner: leave out --user or --web.')
    return openDashboard(context, organizationPage(withQuery('keys', query)))
  }
  const { keys, hasMore, nameOfUser } = await withApi(context, async (api) => {
    const names = readMemberNames(api)
    names.catch(() => {}) // awaited below
    const owner = user === undefined ? {} : { userId: await findUserId(api, user) }
    const found = await readKeys(api, { ...query, ...owner }, limit)
    return { ...found, nameOfUser: await names }
  })
  const isFiltered = user !== undefined || Object.keys(query).length > 0
  const none = isFiltered ? 'No API key matches.' : 'There are no API keys.'
  await context.output.list(keys, createListView(keys, nameOfUser), none)
  if (hasMore) context.output.note('There are more keys: raise --limit.')
}

const PAGE_SIZE = 200

/** Reads up to `limit` keys, or all. One more is read to learn whether there are more. */
async function readKeys({ client }: Api, query: ReturnType<typeof toKeyQuery> & { userId?: string }, limit = Infinity) {
  const keys: ApiKey[] = []
  const pages = limit < PAGE_SIZE ? { ...query, limit: limit + 1 } : query
  for await (const key of client.apiKeys.all(pages)) {
    if (keys.length === limit) return { keys, hasMore: true }
    keys.push(key)
  }
  return { keys, hasMore: false }
}

export async function getKey(context: CommandContext, name: string, { web }: WebOption): Promise<void> {
  if (web) return openDashboard(context, (api) => keyPage(api, name))
  await context.output.item(await withApi(context, ({ client }) => client.apiKeys.get(name)), SHOWN)
}

async function keyPage({ client, organizationId }: Api, name: string): Promise<string> {
  const [{ id }, organization] = await Promise.all([client.apiKeys.get(name), organizationId()])
  return `/o/${organization}/keys/${id}`
}

export async function currentKey(context: CommandContext): Promise<void> {
  await context.output.item(await withApi(context, ({ client }) => client.apiKeys.current()), SHOWN)
}
