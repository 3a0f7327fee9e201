import { ask } from '../../api.ts'
import type { Call } from '../../cli.ts'
import type { View } from '../../view.ts'

/** Whose name an answer is given in. */
interface Identity {
  readonly apiUrl: string
  readonly profile: string
  readonly user: { readonly id: string; readonly name: string | null; readonly email: string | null }
  readonly credential: 'session' | 'api-key'
  /** The name of the key. */
  readonly apiKey: string | null
  /** Null where none is chosen and there are several. */
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

export async function whoami(call: Call): Promise<void> {
  const identity = await ask(call, async ({ client, settings, organizations, chosenId }) => {
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
  await call.output.one(identity, VIEW)
}
