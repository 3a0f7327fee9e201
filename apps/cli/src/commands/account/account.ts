import type { AuthorizedApp, Session } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { type Confirmation, requireConfirmation } from '../../prompts.ts'
import { instantCell, type View } from '../../view.ts'

const SESSIONS: View<Session> = {
  columns: [
    ['ID', ({ id }) => id],
    ['Signed in', ({ signedInAt }) => instantCell(signedInAt)],
    ['Expires', ({ expiresAt }) => instantCell(expiresAt)],
    ['Current', ({ current }) => current],
    ['Apps', ({ apps }) => apps.map(({ name }) => name)],
  ],
  value: ({ id }) => id,
}

const AUTHORIZED_APPS: View<AuthorizedApp> = {
  columns: [
    ['Name', ({ name }) => name],
    ['Client ID', ({ clientId }) => clientId],
    ['Scopes', ({ scopes }) => scopes],
    ['Devices', ({ devices }) => devices],
    ['Authorized', ({ authorizedAt }) => instantCell(authorizedAt)],
  ],
  value: ({ clientId }) => clientId,
}

export async function listSessions(context: CommandContext): Promise<void> {
  const sessions = await withApi(context, ({ client }) => client.users.sessions.list())
  await context.output.list(sessions, SESSIONS, 'You have no browser sessions.')
}

export async function deleteSession(context: CommandContext, id: string, options: Confirmation): Promise<void> {
  await requireConfirmation(context.terminal, `End the session ${id}?`, options)
  await withApi(context, ({ client }) => client.users.sessions.delete(id))
  context.output.note('The session is ended.')
}

export async function listAuthorizedApps(context: CommandContext): Promise<void> {
  const apps = await withApi(context, ({ client }) => client.users.authorizedApps.list())
  await context.output.list(apps, AUTHORIZED_APPS, 'You have authorized no apps.')
}

export async function deleteAuthorizedApp(context: CommandContext, clientId: string, options: Confirmation) {
  await requireConfirmation(context.terminal, `Revoke the access of ${clientId} on all your devices?`, options)
  await withApi(context, ({ client }) => client.users.authorizedApps.delete(clientId))
  context.output.note(`The access of ${clientId} is revoked.`)
}
