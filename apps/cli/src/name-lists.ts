import type { Api } from './api.ts'
import type { NameKind } from './name-kinds.ts'
import { formatInstant } from './view.ts'

/** Something that exists at the server. */
export interface NamedThing {
  /** What the command line takes: a name, or an id where names are not unique. */
  readonly value: string
  readonly label: string
  readonly description: string
}

/** Lists the things of a kind that the credential can name. */
export const listNames = (api: Api, kind: NameKind): Promise<readonly NamedThing[]> => LISTS[kind](api)

const LISTS: Readonly<Record<NameKind, (api: Api) => Promise<readonly NamedThing[]>>> = {
  'api-key': listOwnKeys,

  app: async ({ client }) =>
    (await client.oauthApps.list()).map(({ clientId, name, type }) => thing(clientId, name, `${clientId}, ${type}`)),

  'authorized-app': async ({ client }) =>
    (await client.users.authorizedApps.list()).map(({ clientId, name }) => thing(clientId, name, clientId)),

  domain: async ({ client, organizationId }) =>
    (await client.organizations.domains.list(await organizationId())).map(({ id, domain, status }) =>
      thing(domain, domain, `${id}, ${status}`),
    ),

  invitation: async ({ client, organizationId }) =>
    (await client.organizations.invitations.list(await organizationId())).map(({ id, email, status }) =>
      thing(id, email, status),
    ),

  member: async (api) =>
    (await listMembers(api)).map(({ email, name, role }) =>
      thing(email, email, [name, role].filter(Boolean).join(', ')),
    ),

  organization: async ({ organizations }) => {
    const all = await organizations()
    const isUnique = (name: string) => all.filter((one) => one.name === name).length === 1
    return all.map(({ id, name }) => thing(isUnique(name) ? name : id, name, id))
  },

  'received-invitation': async ({ client }) =>
    (await client.invitations.list()).map(({ id, organizationName, role }) => thing(id, organizationName, role)),

  'resource-server': async ({ client }) =>
    (await client.resourceServers.list()).map(({ id, name, identifier }) => thing(id, name, identifier)),

  role: async ({ client, organizationId }) =>
    (await client.organizations.roles.list(await organizationId())).map(({ name, description, permissions }) =>
      thing(name, name, description || permissions.join(', ')),
    ),

  session: async ({ client }) =>
    (await client.users.sessions.list()).map(({ id, signedInAt, current }) =>
      thing(id, `signed in ${formatInstant(signedInAt)}`, current ? 'current' : ''),
    ),
}

const thing = (value: string, label: string, description: string): NamedThing => ({ value, label, description })

/** A list contains every member's keys for an administrator, but commands take names of one's own. */
async function listOwnKeys({ client }: Api): Promise<readonly NamedThing[]> {
  const [me, keys] = await Promise.all([client.users.me(), client.apiKeys.list()])
  return keys
    .filter(({ userId }) => userId === me.id)
    .map(({ name, value, permissions }) => thing(name, name, `${value.replace(/\*+/, '…')}, ${permissions.join(', ')}`))
}

const listMembers = async ({ client, organizationId }: Api) => client.organizations.members.list(await organizationId())
