import type { Scope } from '@daytona-auth/sdk'
import type { CommandContext } from '../../command-context.ts'
import { printIssuedSecret } from '../../issued-secret.ts'
import { type KeyOptions, readKeyOptions } from './keys.ts'
import { type LifetimeOptions, readLifetimes } from './lifetimes.ts'
import { ISSUED, remindToStore } from './view.ts'

export interface CreateAppOptions extends KeyOptions, LifetimeOptions {
  readonly type: 'web' | 'spa' | 'native'
  readonly redirectUri: string[]
  readonly postLogoutRedirectUri?: string[] | undefined
  readonly scopes?: Scope[] | undefined
  readonly homepage?: string | undefined
  readonly logo?: string | undefined
  readonly requirePar?: true | undefined
  readonly requireDpop?: true | undefined
  readonly backchannelLogoutUri?: string | undefined
}

/** Identity without permissions. */
const IDENTITY: Scope[] = ['openid', 'profile', 'email']

export async function createApp(context: CommandContext, name: string, options: CreateAppOptions): Promise<void> {
  const {
    type,
    redirectUri,
    postLogoutRedirectUri = [],
    scopes = IDENTITY,
    homepage,
    logo,
    requirePar,
    requireDpop,
  } = options
  const { backchannelLogoutUri } = options
  const keys = await readKeyOptions(options)
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
        ...keys,
        ...readLifetimes(options),
        ...(requirePar && { requirePushedAuthorizationRequests: true }),
        ...(requireDpop && { dpopBoundAccessTokens: true }),
        ...(backchannelLogoutUri !== undefined && { backchannelLogoutUri }),
      }),
    secretOf: ({ clientSecret }) => clientSecret,
    view: ISSUED,
  })
  remindToStore(context, app)
}
