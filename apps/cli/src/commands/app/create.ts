import type { Scope } from '@daytona-auth/sdk'
import type { CommandContext } from '../../command-context.ts'
import { printIssuedSecret } from '../../issued-secret.ts'
import { ISSUED, remindToStore } from './view.ts'

export interface CreateAppOptions {
  readonly type: 'web' | 'spa' | 'native'
  readonly redirectUri: string[]
  readonly postLogoutRedirectUri?: string[] | undefined
  readonly scopes?: Scope[] | undefined
  readonly homepage?: string | undefined
  readonly logo?: string | undefined
}

/** Identity without permissions. */
const IDENTITY: Scope[] = ['openid', 'profile', 'email']

export async function createApp(context: CommandContext, name: string, options: CreateAppOptions): Promise<void> {
  const { type, redirectUri, postLogoutRedirectUri = [], scopes = IDENTITY, homepage, logo } = options
  const app = await printIssuedSecret(context, {
    request: (client) =>
      client.oauthApps.create({
        name,
        type,
        redirectUris: redirectUri,
        scopes,
        postLogoutRedirectUris: postLogoutRedirectUri,
        ...(homepage !== undefined && { homepageUri: homepage }),
        ...(logo !== undefined && { logoUri: logo }),
      }),
    secretOf: ({ clientSecret }) => clientSecret,
    view: ISSUED,
  })
  remindToStore(context, app)
}
