import type { Scope } from '@daytona-auth/sdk'
import type { CommandContext } from '../../command-context.ts'
import { printIssuedSecret } from '../../issued-secret.ts'
import { type AppSettings, readAppSettings } from './settings.ts'
import { ISSUED, remindToStore } from './view.ts'

export interface CreateAppOptions extends AppSettings {
  readonly type: 'web' | 'spa' | 'native'
  readonly redirectUri: string[]
}

/** Identity without permissions. */
const IDENTITY: Scope[] = ['openid', 'profile', 'email']

export async function createApp(context: CommandContext, name: string, options: CreateAppOptions): Promise<void> {
  const { type, redirectUri } = options
  const settings = await readAppSettings(options)
  const app = await printIssuedSecret(context, {
    request: ({ client }) =>
      client.oauthApps.create({ name, type, redirectUris: redirectUri, scopes: IDENTITY, ...settings }),
    secretOf: ({ clientSecret }) => clientSecret,
    view: ISSUED,
  })
  remindToStore(context, app)
}
