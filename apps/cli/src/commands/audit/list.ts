import type { AuditLog } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { openDashboard, organizationPage, withQuery } from '../../dashboard.ts'
import { instantCell, type View } from '../../view.ts'
import type { WebOption } from '../../web-option.ts'
import { type NameOfUser, readMemberNames } from '../member/member-names.ts'
import { type FilterOptions, toAuditQuery } from './filter.ts'
import { nameTarget } from './name-target.ts'

export const createView = (nameOfUser: NameOfUser): View<AuditLog> => ({
  columns: [
    ['Time', ({ createdAt }) => instantCell(createdAt)],
    ['Actor', ({ actorEmail, actorId }) => actorEmail ?? (actorId && nameOfUser(actorId))],
    ['Action', ({ action }) => action],
    ['Target', (event) => nameTarget(event, nameOfUser)],
    ['Status', ({ statusCode }) => statusCode, { omit: 1 }],
    ['From', ({ ipAddress }) => ipAddress, { omit: 2 }],
  ],
  value: ({ id }) => id,
})

/** Largest page of the API. */
const PAGE_SIZE = 200

export async function listEvents(
  context: CommandContext,
  { limit, web, ...options }: FilterOptions & WebOption & { limit: number },
): Promise<void> {
  if (web) return openDashboard(context, organizationPage(withQuery('audit', toAuditQuery(options))))
  const { events, more, nameOfUser } = await withApi(context, async (api) => {
    const { client } = api
    const id = await api.organizationId()
    const names = readMemberNames(api)
    names.catch(() => {}) // awaited below
    const events: AuditLog[] = []
    let nextToken: string | undefined
    do {
      const size = Math.min(PAGE_SIZE, limit - events.length)
      const page = await client.audit.list(id, {
        ...toAuditQuery(options),
        limit: size,
        ...(nextToken && { nextToken }),
      })
      events.push(...page.items)
      nextToken = page.nextToken
    } while (nextToken !== undefined && events.length < limit)
    return { events, more: nextToken !== undefined, nameOfUser: await names }
  })
  await context.output.list(events, createView(nameOfUser), 'There are no events.')
  if (more) context.output.note(`There are more events: raise --limit, or use daytona audit export.`)
}
