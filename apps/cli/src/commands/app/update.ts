import type { Scope } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { UsageError } from '../../failure.ts'
import { DETAIL_VIEW } from './view.ts'

export interface UpdateAppOptions {
  readonly name?: string | undefined
  readonly redirectUri?: string[] | undefined
  readonly postLogoutRedirectUri?: string[] | undefined
  readonly scopes?: Scope[] | undefined
  readonly homepage?: string | undefined
  readonly logo?: string | undefined
}

export async function getApp(context: CommandContext, clientId: string): Promise<void> {
  await context.output.item(await withApi(context, ({ client }) => client.oauthApps.get(clientId)), DETAIL_VIEW)
}

/** Changes an app; what no option names stays. */
export async function updateApp(context: CommandContext, clientId: string, options: UpdateAppOptions): Promise<void> {
  const { name, redirectUri, postLogoutRedirectUri, scopes, homepage, logo } = options
  if (Object.values(options).every((value) => value === undefined)) throw new UsageError('Specify what to change.')
  const app = await withApi(context, ({ client }) =>
    client.oauthApps.update(clientId, {
      ...(name !== undefined && { name }),
      ...(redirectUri !== undefined && { redirectUris: redirectUri }),
      ...(postLogoutRedirectUri !== undefined && { postLogoutRedirectUris: postLogoutRedirectUri }),
      ...(scopes !== undefined && { scopes }),
      ...(homepage !== undefined && { homepageUri: homepage }),
      ...(logo !== undefined && { logoUri: logo }),
    }),
  )
  await context.output.item(app, DETAIL_VIEW)
}
