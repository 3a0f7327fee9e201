import { ask } from '../../api.ts'
import type { Call } from '../../cli.ts'
import { printIssued } from '../../issued-secret.ts'
import { type Confirmation, confirmed } from '../../question.ts'
import { keepIt, LISTED, ROTATED } from './view.ts'

export async function listApps(call: Call): Promise<void> {
  const apps = await ask(call, ({ client }) => client.oauthApps.list())
  await call.output.list(apps, LISTED, 'There are no apps.')
}

export async function rotateSecret(call: Call, clientId: string, options: Confirmation): Promise<void> {
  await confirmed(call.terminal, `Give ${clientId} a new secret? The one that it has ends at once.`, options)
  const app = await printIssued(call, {
    request: (client) => client.oauthApps.rotateSecret(clientId),
    secretOf: ({ clientSecret }) => clientSecret,
    view: ROTATED,
  })
  keepIt(call, app)
}

export async function deleteApp(call: Call, clientId: string, options: Confirmation): Promise<void> {
  await confirmed(call.terminal, `Delete ${clientId}? Nobody can sign in to it any more.`, options)
  await ask(call, ({ client }) => client.oauthApps.delete(clientId))
  call.output.note(`The app ${clientId} is deleted.`)
}
