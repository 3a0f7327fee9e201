import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import type { View } from '../../view.ts'

/** User, server and credential of a command. */
interface Identity {
  readonly apiUrl: string
  readonly profile: string
  readonly user: { readonly id: string; readonly name: string | null; readonly email: string | null }
  readonly credential: 'session' | 'api-key'
  /** Name of the key. */
  readonly apiKey: string | null
  /** Null if several are within access and none is selected. */
  readonly organization: { readonly id: string; readonly name: string } | null
}

const VIEW: View<Identity> = {
  columns: [
    ['Server', ({ apiUrl }) => apiUrl],
    ['Profile', ({ profile }) => profile],
    ['User', ({ user }) => user.name],
    ['E-mail', ({ user }) => user.email],
    ['User ID', ({ user }) => user.id],
    ['Credential', ({ credential, apiKey }) => (credential === 'session' ? 'session' : `API key ${apiKey ?? ''}`)],
    ['Organization', ({ organization }) => organization && `${organization.name} (${organization.id})`],
  ],
  value: ({ user }) => user.email ?? user.id,
}

export async function whoami(context: CommandContext): Promise<void> {
  const identity = await withApi(context, async ({ client, settings, organizations, chosenId }) => {
    const isKey = settings.credential.kind === 'api-key'
    const [user, key, all] = await Promise.all([
      client.users.me(),
      isKey ? client.apiKeys.current() : undefined,
      organizations(),
    ])
    const organization = chosenId === undefined && all.length === 1 ? all[0] : all.find(({ id }) => id === chosenId)
    return {
      apiUrl: settings.apiUrl,
      profile: settings.profileName,
      user: { id: user.id, name: user.name, email: user.email },
      credential: settings.credential.kind,
      apiKey: key?.name ?? null,
      organization: organization === undefined ? null : { id: organization.id, name: organization.name },
    }
  })
  await context.output.item(identity, VIEW)
}
