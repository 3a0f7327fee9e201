import type { Scope } from '@daytona-auth/sdk'
import type { Call } from '../../cli.ts'
import { printIssued } from '../../issued-secret.ts'
import { ISSUED, keepIt } from './view.ts'

export interface CreateAppOptions {
  readonly type: 'web' | 'spa' | 'native'
  readonly redirectUri: string[]
  readonly postLogoutRedirectUri?: string[] | undefined
  readonly scopes?: Scope[] | undefined
  readonly homepage?: string | undefined
  readonly logo?: string | undefined
}

/** Who somebody is, and nothing that they may do. */
const IDENTITY: Scope[] = ['openid', 'profile', 'email']

export async function createApp(call: Call, name: string, options: CreateAppOptions): Promise<void> {
  const { type, redirectUri, postLogoutRedirectUri = [], scopes = IDENTITY, homepage, logo } = options
  const app = await printIssued(call, {
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
  keepIt(call, app)
}
