import { type Api, withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { getSession, readConfig } from '../../config-file.ts'
import type { Settings } from '../../settings.ts'
import { instantCell, type View } from '../../view.ts'

/** The credential in use. */
interface Status {
  readonly apiUrl: string
  readonly profile: string
  readonly credential: 'session' | 'api-key'
  /** `environment` or `profile`. */
  readonly source: 'environment' | 'profile'
  readonly user: { readonly id: string; readonly name: string | null; readonly email: string | null }
  /** Name of the API key. */
  readonly apiKey: string | null
  /** Permissions of the key; scopes of the session. */
  readonly scopes: readonly string[]
  /** Expiry of the key, or of the access token. */
  readonly expiresAt: string | null
  readonly organizations: readonly { readonly id: string; readonly name: string }[]
}

const SOURCES: Readonly<Record<Status['source'], string>> = { environment: 'DAYTONA_API_KEY', profile: 'profile' }

const VIEW: View<Status> = {
  columns: [
    ['Server', ({ apiUrl }) => apiUrl],
    ['User', ({ user }) => user.email ?? user.name ?? user.id],
    ['Credential', ({ credential, apiKey }) => (credential === 'session' ? 'session' : `API key "${apiKey}"`)],
    ['Source', ({ source, profile }) => `${SOURCES[source]}${source === 'profile' ? ` "${profile}"` : ''}`],
    ['Scopes', ({ scopes }) => scopes],
    ['Expires', ({ expiresAt }) => instantCell(expiresAt, 'never')],
    ['Organizations', ({ organizations }) => organizations.map(({ name, id }) => `${name} (${id})`)],
  ],
  value: ({ user }) => user.email ?? user.id,
}

/** A key is reported as expiring soon in its last week. */
const SOON_MS = 7 * 24 * 60 * 60 * 1000

export async function showStatus(context: CommandContext): Promise<void> {
  const { output, terminal } = context
  const status = await withApi(context, (api) => readStatus(context, api))
  await output.item(status, VIEW)
  if (status.credential === 'session')
    output.note('The access token is refreshed by itself. To end the session: daytona logout')
  else if (status.expiresAt === null)
    output.note(`This key never expires.\nTo set an expiry: ${describeRotation(status)}`)
  else if (Date.parse(status.expiresAt) - terminal.now() < SOON_MS) {
    output.note(`This key expires soon.\nTo replace it: ${describeRotation(status)}`)
  }
}

const describeRotation = ({ apiKey }: Status): string =>
  `daytona api-key rotate ${JSON.stringify(apiKey)} --expires-in 90d`

async function readStatus({ terminal }: CommandContext, { client, settings, organizations }: Api): Promise<Status> {
  const [user, all, key] = await Promise.all([
    client.users.me(),
    organizations(),
    settings.credential.kind === 'api-key' ? client.apiKeys.current() : undefined,
  ])
  const session = key === undefined ? getSession(await readConfig(terminal), settings.profileName) : undefined
  return {
    apiUrl: settings.apiUrl,
    profile: settings.profileName,
    credential: settings.credential.kind,
    source: sourceOf(settings),
    user: { id: user.id, name: user.name, email: user.email },
    apiKey: key?.name ?? null,
    scopes: key?.permissions ?? (session === undefined ? [] : readScopes(session.accessToken)),
    expiresAt: key === undefined ? (session?.expiresAt ?? null) : key.expiresAt,
    organizations: all.map(({ id, name }) => ({ id, name })),
  }
}

const sourceOf = ({ credential }: Settings): Status['source'] =>
  credential.kind === 'api-key' ? credential.source : 'profile'

/** Reads the scopes of an access token without verifying it: the server has accepted it. */
function readScopes(accessToken: string): string[] {
  try {
    const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString())
    return typeof claims.scope === 'string' ? claims.scope.split(' ') : []
  } catch {
    return []
  }
}
