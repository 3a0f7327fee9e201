import { maskKey } from '@daytona-auth/sdk'
import type { CommandContext } from '../../command-context.ts'
import { configPath, type Profile, readConfig } from '../../config-file.ts'
import type { View } from '../../view.ts'

/** A profile without its secrets. */
interface ShownProfile {
  readonly name: string
  readonly current: boolean
  readonly apiUrl: string
  readonly organizationId: string | null
  /** The masked key, or the e-mail address of the session's user. */
  readonly credential: string | null
}

const VIEW: View<ShownProfile> = {
  columns: [
    ['', ({ current }) => (current ? '*' : ' ')],
    ['Profile', ({ name }) => name],
    ['Server', ({ apiUrl }) => apiUrl],
    ['Credential', ({ credential }) => credential],
    ['Organization', ({ organizationId }) => organizationId],
  ],
  value: ({ name }) => name,
}

export async function listProfiles({ terminal, output }: CommandContext): Promise<void> {
  const { profiles, current } = await readConfig(terminal)
  const shown = Object.entries(profiles).map(([name, profile]) => ({
    name,
    current: name === current,
    apiUrl: profile.apiUrl,
    organizationId: profile.organizationId ?? null,
    credential: shownCredential(profile),
  }))
  await output.list(shown, VIEW, 'There are no profiles. Create one: daytona login --api-url https://auth.example.com')
}

export async function printPath({ terminal, output }: CommandContext): Promise<void> {
  const path = configPath(terminal)
  await output.item({ path }, { columns: [['Path', () => path]], value: () => path })
}

function shownCredential({ credential }: Profile): string | null {
  if (credential === undefined) return null
  return credential.kind === 'api-key' ? `key ${maskKey(credential.key)}` : `session of ${credential.email ?? 'a user'}`
}
