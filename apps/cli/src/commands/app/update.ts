import type { Scope } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { openDashboard, organizationPage } from '../../dashboard.ts'
import { UsageError } from '../../failure.ts'
import type { WebOption } from '../../web-option.ts'
import { type KeyOptions, readKeyOptions } from './keys.ts'
import { type LifetimeOptions, readLifetimes } from './lifetimes.ts'
import { DETAIL_VIEW } from './view.ts'

export interface UpdateAppOptions extends KeyOptions, LifetimeOptions {
  readonly name?: string | undefined
  readonly redirectUri?: string[] | undefined
  readonly postLogoutRedirectUri?: string[] | undefined
  readonly scopes?: Scope[] | undefined
  readonly homepage?: string | undefined
  readonly logo?: string | undefined
  readonly requirePar?: boolean | undefined
  readonly requireDpop?: boolean | undefined
  readonly backchannelLogoutUri?: string | false | undefined
  readonly useSecret?: true | undefined
}

export async function getApp(context: CommandContext, clientId: string, { web }: WebOption): Promise<void> {
  if (web) return openDashboard(context, organizationPage(`apps/${clientId}`))
  await context.output.item(await withApi(context, ({ client }) => client.oauthApps.get(clientId)), DETAIL_VIEW)
}

/** The members of an app that authenticates with a secret. */
const SECRET = { tokenEndpointAuthMethod: 'client_secret_basic', jwks: null, jwksUri: null } as const

/** Changes an app; what no option names stays. */
export async function updateApp(context: CommandContext, clientId: string, options: UpdateAppOptions): Promise<void> {
  const { name, redirectUri, postLogoutRedirectUri, scopes, homepage, logo, requirePar, requireDpop } = options
  const { backchannelLogoutUri } = options
  if (Object.values(options).every((value) => value === undefined)) throw new UsageError('Specify what to change.')
  if (options.useSecret && (options.jwks ?? options.jwksUri) !== undefined) {
    throw new UsageError('Specify either --use-secret or keys.')
  }
  const keys = options.useSecret ? SECRET : await readKeyOptions(options)
  const app = await withApi(context, ({ client }) =>
    client.oauthApps.update(clientId, {
      ...(name !== undefined && { name }),
      ...(redirectUri !== undefined && { redirectUris: redirectUri }),
      ...(postLogoutRedirectUri !== undefined && { postLogoutRedirectUris: postLogoutRedirectUri }),
      ...(scopes !== undefined && { scopes }),
      ...(homepage !== undefined && { homepageUri: homepage }),
      ...(logo !== undefined && { logoUri: logo }),
      ...keys,
      ...readLifetimes(options),
      ...(backchannelLogoutUri !== undefined && { backchannelLogoutUri: backchannelLogoutUri || null }),
      ...(requirePar !== undefined && { requirePushedAuthorizationRequests: requirePar }),
      ...(requireDpop !== undefined && { dpopBoundAccessTokens: requireDpop }),
    }),
  )
  await context.output.item(app, DETAIL_VIEW)
}
