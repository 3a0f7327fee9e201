import { makeClientSecret, NewClient } from '@daytona-auth/accounts/client-registration'
import { DEPLOYMENT, inAudit, insertOperatorClient, newId, OPERATOR_COMMAND } from '@daytona-auth/db'
import { type Environment, StartupError } from '@daytona-auth/service'
import { loadDatabaseConfig } from '../config.ts'
import { withDatabase } from '../database.ts'
import { OPERATIONS } from '../operations.ts'
import type { Output } from '../output.ts'
import { lineOf, shown } from './shown.ts'

export interface CreateClientOptions {
  readonly name: string
  readonly type: 'web' | 'spa' | 'native'
  readonly redirectUri: readonly string[]
  readonly postLogoutRedirectUri?: readonly string[] | undefined
  readonly scope: readonly string[]
  readonly homepageUri?: string | undefined
  readonly logoUri?: string | undefined
  readonly firstParty?: true | undefined
}

/** The members of a registration that have another name as an option. */
const OPTIONS: Readonly<Record<string, string>> = {
  redirectUris: 'redirect-uri',
  postLogoutRedirectUris: 'post-logout-redirect-uri',
  scopes: 'scope',
  homepageUri: 'homepage-uri',
  logoUri: 'logo-uri',
}

/**
 * Makes a client of the operator's under the rules of `POST /oauth-apps`. Its secret, if it has one, is in the answer and
 * nowhere else.
 * @throws StartupError that names every option that will not do
 */
export async function createClient(env: Environment, output: Output, options: CreateClientOptions): Promise<void> {
  const config = loadDatabaseConfig(env)
  const { firstParty = false, redirectUri, postLogoutRedirectUri, scope, ...others } = options
  const asked = { ...others, redirectUris: redirectUri, postLogoutRedirectUris: postLogoutRedirectUri, scopes: scope }
  const { data: client, error } = NewClient.safeParse(asked)
  if (error) {
    const problems = error.issues.map(({ path: [member], message }) => {
      const option = OPTIONS[String(member)] ?? String(member)
      return `--${option}: ${message}`
    })
    throw new StartupError([...new Set(problems)].join('; '))
  }

  const { homepageUri = null, logoUri = null, ...members } = client
  const made = client.type === 'web' ? makeClientSecret() : undefined
  const id = newId('app')
  const { name, type, redirectUris } = members
  const scopes = [...new Set(members.scopes)]
  const entry = {
    organizationId: DEPLOYMENT,
    actorId: null,
    actorEmail: null,
    source: OPERATIONS,
    action: 'oauth_app.create',
    targetType: 'oauth_app',
    targetId: id,
    metadata: { name, type, redirectUris, scopes, firstParty },
  }
  const row = await withDatabase(config, output, (database) =>
    inAudit(database, OPERATOR_COMMAND, entry, (tx) =>
      insertOperatorClient(tx, {
        ...members,
        id,
        scopes,
        homepageUri,
        logoUri,
        firstParty,
        secretDigest: made?.digest ?? null,
      }),
    ),
  )
  const lines = [`made ${lineOf(shown(row))}`, made && `its secret, shown this once: ${made.secret}`]
  await output.answer(
    { ...shown(row), ...(made && { clientSecret: made.secret }) },
    lines.filter((line) => line !== undefined).join('\n'),
  )
}
