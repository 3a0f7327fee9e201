import type { AuditLog } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { instantCell, type View } from '../../view.ts'
import { type FilterOptions, toAuditQuery } from './filter.ts'

const VIEW: View<AuditLog> = {
  columns: [
    ['Time', ({ createdAt }) => instantCell(createdAt)],
    ['Actor', ({ actorEmail, actorId }) => actorEmail ?? actorId],
    ['Action', ({ action }) => action],
    ['Target', ({ targetType, targetId }) => [targetType, targetId].filter((part) => part !== null).join(' ')],
    ['Status', ({ statusCode }) => statusCode],
    ['From', ({ ipAddress }) => ipAddress],
  ],
  value: ({ id }) => id,
}

/** Largest page of the API. */
const PAGE_SIZE = 200

export async function listEvents(
  context: CommandContext,
  { limit, ...options }: FilterOptions & { limit: number },
): Promise<void> {
  const { events, more } = await withApi(context, async ({ client, organizationId }) => {
    const id = await organizationId()
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
    return { events, more: nextToken !== undefined }
  })
  await context.output.list(events, VIEW, 'There are no events.')
  if (more) context.output.note(`There are more events: raise --limit, or use daytona audit export.`)
}
