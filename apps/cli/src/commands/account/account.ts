import type { AuthorizedApp, Session } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { openDashboard } from '../../dashboard.ts'
import { type Confirmation, requireConfirmation } from '../../prompts.ts'
import { instantCell, type View } from '../../view.ts'
import type { WebOption } from '../../web-option.ts'

const SESSIONS: View<Session> = {
  columns: [
    ['ID', ({ id }) => id, { isWhole: true }],
    ['Browser', ({ browser }) => browser],
    ['System', ({ system }) => system, { omit: 4 }],
    ['Address', ({ ipAddress }) => ipAddress, { omit: 5 }],
    ['Signed in', ({ signedInAt }) => instantCell(signedInAt), { omit: 2 }],
    ['Last seen', ({ lastSeenAt }) => instantCell(lastSeenAt)],
    ['Expires', ({ expiresAt }) => instantCell(expiresAt), { omit: 3 }],
    ['Current', ({ current }) => current, { omit: 1 }],
    ['Apps', ({ apps }) => apps.map(({ name }) => name)],
  ],
  value: ({ id }) => id,
}

const AUTHORIZED_APPS: View<AuthorizedApp> = {
  columns: [
    ['Name', ({ name }) => name],
    ['Client ID', ({ clientId }) => clientId, { isWhole: true }],
    ['Scopes', ({ scopes }) => scopes, { omit: 1 }],
    ['APIs', ({ resourceServers }) => resourceServers.map(nameWithScopes), { omit: 3 }],
    ['Devices', ({ devices }) => devices],
    ['Authorized', ({ authorizedAt }) => instantCell(authorizedAt)],
    ['Last seen', ({ lastSeenAt }) => instantCell(lastSeenAt), { omit: 2 }],
  ],
  value: ({ clientId }) => clientId,
}

/** Names an API with its granted scopes: `Invoices (read, send)`. */
const nameWithScopes = ({ name, scopes }: AuthorizedApp['resourceServers'][number]): string =>
  scopes.length === 0 ? name : `${name} (${scopes.join(', ')})`

export async function listSessions(context: CommandContext, { web }: WebOption): Promise<void> {
  if (web) return openDashboard(context, () => '/account')
  const sessions = await withApi(context, ({ client }) => client.users.sessions.list())
  await context.output.list(sessions, SESSIONS, 'You have no browser sessions.')
}

export async function deleteSession(context: CommandContext, id: string, options: Confirmation): Promise<void> {
  await requireConfirmation(context.terminal, `End the session ${id}?`, options)
  await withApi(context, ({ client }) => client.users.sessions.delete(id))
  context.output.note('The session is ended.')
}

export async function listAuthorizedApps(context: CommandContext, { web }: WebOption): Promise<void> {
  if (web) return openDashboard(context, () => '/account')
  const apps = await withApi(context, ({ client }) => client.users.authorizedApps.list())
  await context.output.list(apps, AUTHORIZED_APPS, 'You have authorized no apps.')
}

export async function deleteAuthorizedApp(context: CommandContext, clientId: string, options: Confirmation) {
  await requireConfirmation(context.terminal, `Revoke the access of ${clientId} on all your devices?`, options)
  await withApi(context, ({ client }) => client.users.authorizedApps.delete(clientId))
  context.output.note(`The access of ${clientId} is revoked.`)
}
