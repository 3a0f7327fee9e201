import type { OrganizationEvent } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { instantCell, type View } from '../../view.ts'
import { createView } from './list.ts'

/** A line is printed when its event arrives, so it names no users who would have to be read first. */
const VIEW = createView((userId) => userId)

type FirstUse = Extract<OrganizationEvent, { type: 'api_key.first_use' }>['use']

/** In the columns of the trail. */
const FIRST_USE: View<FirstUse> = {
  columns: [
    ['Time', ({ usedAt }) => instantCell(usedAt)],
    ['Actor', () => null],
    ['Action', () => 'api_key.first_use'],
    ['Target', ({ keyId }) => `api_key ${keyId}`],
    ['Status', () => null],
    ['From', () => null],
  ],
  value: ({ keyId }) => keyId,
}

/** Prints events as they happen, one a line. */
export async function tailEvents(
  { output, ...context }: CommandContext,
  { since }: { readonly since?: string | undefined },
): Promise<void> {
  // The request to find the organization has a progress note; the stream itself has none, since it does not end.
  const { client, id } = await withApi({ output, ...context }, async ({ client, organizationId }) => ({
    client,
    id: await organizationId(),
  }))
  output.note('Waiting for events. Press Ctrl-C to stop.')
  for await (const event of client.events({ organizationId: id, lastEventId: since })) {
    if (event.type === 'audit') await output.line(event.event, VIEW)
    else if (event.type === 'api_key.first_use') await output.line(event.use, FIRST_USE)
    else output.warn('Events may be missing: daytona audit list')
  }
}
