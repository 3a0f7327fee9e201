import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { openDashboard, organizationPage } from '../../dashboard.ts'
import { UsageError } from '../../failure.ts'
import type { WebOption } from '../../web-option.ts'
import { type AppSettings, readAppSettings } from './settings.ts'
import { DETAIL_VIEW } from './view.ts'

export interface UpdateAppOptions extends AppSettings {
  readonly name?: string | undefined
  readonly redirectUri?: string[] | undefined
  readonly useSecret?: true | undefined
}

export async function getApp(context: CommandContext, clientId: string, { web }: WebOption): Promise<void> {
  if (web) return openDashboard(context, organizationPage(`apps/${clientId}`))
  await context.output.item(await withApi(context, ({ client }) => client.oauthApps.get(clientId)), DETAIL_VIEW)
}

/** The members of an app that authenticates with a secret. */
const SECRET = {
  tokenEndpointAuthMethod: 'client_secret_basic',
  jwks: null,
  jwksUri: null,
  requireSignedRequestObject: false,
  requestObjectSigningAlg: null,
} as const

/** Changes an app; what no option names stays. */
export async function updateApp(context: CommandContext, clientId: string, options: UpdateAppOptions): Promise<void> {
  const { name, redirectUri, useSecret, jwks, jwksUri } = options
  if (Object.values(options).every((value) => value === undefined)) throw new UsageError('Specify what to change.')
  if (useSecret && (jwks ?? jwksUri) !== undefined) throw new UsageError('Specify either --use-secret or keys.')
  if (useSecret && (options.requireSignedRequests || options.requestSigningAlg)) {
    throw new UsageError('Specify either --use-secret or signed requests, which need keys.')
  }
  const settings = await readAppSettings(options)
  const app = await withApi(context, ({ client }) =>
    client.oauthApps.update(clientId, {
      ...(name !== undefined && { name }),
      ...(redirectUri !== undefined && { redirectUris: redirectUri }),
      ...settings,
      ...(useSecret && SECRET),
    }),
  )
  await context.output.item(app, DETAIL_VIEW)
}
