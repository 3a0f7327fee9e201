import {
  DEFAULT_SECRET_NAME,
  makeClientSecret,
  NewClient,
  settingProblem,
} from '@daytona-auth/accounts/client-registration'
import { auditEntry, DEPLOYMENT, inAudit, OPERATOR_COMMAND } from '@daytona-auth/db/audit'
import { insertOperatorClient } from '@daytona-auth/db/clients'
import { newId } from '@daytona-auth/db/core'
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

/** The options of members that have another name in a registration. */
const OPTIONS: Readonly<Record<string, string>> = {
  redirectUris: 'redirect-uri',
  postLogoutRedirectUris: 'post-logout-redirect-uri',
  scopes: 'scope',
  homepageUri: 'homepage-uri',
  logoUri: 'logo-uri',
}

/**
 * Creates a client of the operator under the rules of `POST /oauth-apps`. Its secret, if it has one, is printed once and not
 * stored.
 * @throws StartupError that names every invalid option
 */
export async function createClient(env: Environment, output: Output, options: CreateClientOptions): Promise<void> {
  const config = loadDatabaseConfig(env)
  const { firstParty = false, redirectUri, postLogoutRedirectUri, scope, ...others } = options
  const registration = {
    ...others,
    redirectUris: redirectUri,
    postLogoutRedirectUris: postLogoutRedirectUri,
    scopes: scope,
  }
  const { data: client, error } = NewClient.safeParse(registration)
  if (error) {
    const problems = error.issues.map(({ path: [member], message }) => {
      const option = OPTIONS[String(member)] ?? String(member)
      return `--${option}: ${message}`
    })
    throw new StartupError([...new Set(problems)].join('; '))
  }

  const problem = settingProblem(client.type, client)
  if (problem)
    throw new StartupError(`--${OPTIONS[problem.path.split('.')[0] ?? ''] ?? problem.path}: ${problem.message}`)

  const { homepageUri = null, logoUri = null, ...members } = client
  const credentials = client.type === 'web' ? makeClientSecret() : undefined
  const id = newId('app')
  const { name, type, redirectUris } = members
  const scopes = [...new Set(members.scopes)]
  const entry = auditEntry('oauth_app.create', {
    organizationId: DEPLOYMENT,
    actorId: null,
    actorEmail: null,
    source: OPERATIONS,
    targetId: id,
    metadata: { name, type, redirectUris, scopes, firstParty },
  })
  const row = await withDatabase(config, output, (database) =>
    inAudit(database, OPERATOR_COMMAND, entry, (tx) =>
      insertOperatorClient(
        tx,
        { ...members, id, scopes, homepageUri, logoUri, firstParty },
        credentials && { name: DEFAULT_SECRET_NAME, digest: credentials.digest, hint: credentials.hint },
      ),
    ),
  )
  const lines = [`created ${lineOf(shown(row))}`, credentials && `secret, shown only this once: ${credentials.secret}`]
  await output.answer(
    { ...shown(row), ...(credentials && { clientSecret: credentials.secret }) },
    lines.filter((line) => line !== undefined).join('\n'),
  )
}
