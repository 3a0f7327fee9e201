import type { AuditLog } from '@daytona-auth/sdk'
import { ask } from '../../api.ts'
import type { Call } from '../../cli.ts'
import { instant, type View } from '../../view.ts'
import { type FilterOptions, filterOf } from './filter.ts'

const VIEW: View<AuditLog> = {
  columns: [
    ['Time', ({ createdAt }) => instant(createdAt)],
    ['Actor', ({ actorEmail, actorId }) => actorEmail ?? actorId],
    ['Action', ({ action }) => action],
    ['Target', ({ targetType, targetId }) => [targetType, targetId].filter((part) => part !== null).join(' ')],
    ['Status', ({ statusCode }) => statusCode],
    ['From', ({ ipAddress }) => ipAddress],
  ],
  value: ({ id }) => id,
}

/** What the API gives at once. */
const PAGE = 200

export async function listEvents(call: Call, { limit, ...options }: FilterOptions & { limit: number }): Promise<void> {
  const { events, more } = await ask(call, async ({ client, organizationId }) => {
    const id = await organizationId()
    const events: AuditLog[] = []
    let nextToken: string | undefined
    do {
      const size = Math.min(PAGE, limit - events.length)
      const page = await client.audit.list(id, { ...filterOf(options), limit: size, ...(nextToken && { nextToken }) })
      events.push(...page.items)
      nextToken = page.nextToken
    } while (nextToken !== undefined && events.length < limit)
    return { events, more: nextToken !== undefined }
  })
  await call.output.list(events, VIEW, 'Nothing happened.')
  if (more) call.output.note(`There is more: --limit takes a higher number, daytona audit export all of it.`)
}
