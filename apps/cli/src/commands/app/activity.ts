import type { OauthAppDenial, OauthAppUser } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { instantCell, type View } from '../../view.ts'

const USERS: View<OauthAppUser> = {
  columns: [
    ['Name', ({ name }) => name],
    ['E-mail', ({ email }) => email],
    ['ID', ({ userId }) => userId, { isWhole: true }],
    ['Scopes', ({ scopes }) => scopes, { omit: 2 }],
    ['Since', ({ authorizedAt }) => instantCell(authorizedAt), { omit: 1 }],
    ['Last seen', ({ lastSeenAt }) => instantCell(lastSeenAt, 'not now')],
  ],
  value: ({ userId }) => userId,
}

const DENIALS: View<OauthAppDenial> = {
  columns: [
    ['Reason', ({ reason }) => reason],
    ['Redirect URI sent', ({ redirectUri }) => redirectUri],
    ['Requests', ({ count }) => count],
    ['First', ({ firstAt }) => instantCell(firstAt), { omit: 1 }],
    ['Last', ({ lastAt }) => instantCell(lastAt)],
  ],
  value: ({ reason, redirectUri }) => (redirectUri === null ? reason : `${reason} ${redirectUri}`),
}

export async function listAppUsers(context: CommandContext, clientId: string): Promise<void> {
  const users = await withApi(context, ({ client }) => client.oauthApps.users(clientId))
  await context.output.list(users, USERS, 'No one uses the app yet.')
}

export async function listAppDenials(context: CommandContext, clientId: string): Promise<void> {
  const denials = await withApi(context, ({ client }) => client.oauthApps.denials(clientId))
  await context.output.list(denials, DENIALS, 'No request was refused in the last 30 days.')
}
