import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { openDashboard, organizationPage } from '../../dashboard.ts'
import { printIssuedSecret } from '../../issued-secret.ts'
import { type Confirmation, requireConfirmation } from '../../prompts.ts'
import type { WebOption } from '../../web-option.ts'
import { LISTED, ROTATED, remindToStore } from './view.ts'

export async function listApps(context: CommandContext, { web }: WebOption): Promise<void> {
  if (web) return openDashboard(context, organizationPage('apps'))
  const apps = await withApi(context, ({ client }) => client.oauthApps.list())
  await context.output.list(apps, LISTED, 'There are no apps.')
}

export async function rotateSecret(context: CommandContext, clientId: string, options: Confirmation): Promise<void> {
  await requireConfirmation(
    context.terminal,
    `Replace the secrets of ${clientId}? The current ones stop working at once.`,
    options,
  )
  const app = await printIssuedSecret(context, {
    request: ({ client }) => client.oauthApps.rotateSecret(clientId),
    secretOf: ({ clientSecret }) => clientSecret,
    view: ROTATED,
  })
  remindToStore(context, app)
}

export async function deleteApp(context: CommandContext, clientId: string, options: Confirmation): Promise<void> {
  await requireConfirmation(context.terminal, `Delete ${clientId}? Its users can no longer sign in to it.`, options)
  await withApi(context, ({ client }) => client.oauthApps.delete(clientId))
  context.output.note(`The app ${clientId} is deleted.`)
}
