import { systemClock } from './clock.ts'
import { createHttp, type RequestOptions } from './http.ts'
import { apiKeys } from './resources/api-keys.ts'
import { audit } from './resources/audit.ts'
import { events } from './resources/events.ts'
import { invitations } from './resources/invitations.ts'
import { oauthApps } from './resources/oauth-apps.ts'
import { organizations } from './resources/organizations.ts'
import { registries } from './resources/registries.ts'
import { resourceServers } from './resources/resource-servers.ts'
import { sandboxes } from './resources/sandboxes.ts'
import { server } from './resources/server.ts'
import { snapshots } from './resources/snapshots.ts'
import { users } from './resources/users.ts'
import { volumes } from './resources/volumes.ts'
import type { Configuration } from './schemas.ts'
import { type DaytonaAuthOptions, resolveSettings } from './settings.ts'

/**
 * A client of a Daytona Auth server with one credential. No property holds the credential, so printing the client or
 * its errors does not reveal it.
 */
export class DaytonaAuth {
  readonly apiKeys: ReturnType<typeof apiKeys>
  readonly audit: ReturnType<typeof audit>
  /** Iterates over the events of an organization as they happen. */
  readonly events: ReturnType<typeof events>
  readonly invitations: ReturnType<typeof invitations>
  readonly oauthApps: ReturnType<typeof oauthApps>
  readonly organizations: ReturnType<typeof organizations>
  readonly registries: ReturnType<typeof registries>
  /** Your own APIs, for which apps request access tokens. */
  readonly resourceServers: ReturnType<typeof resourceServers>
  readonly sandboxes: ReturnType<typeof sandboxes>
  readonly server: ReturnType<typeof server>
  readonly snapshots: ReturnType<typeof snapshots>
  readonly users: ReturnType<typeof users>
  readonly volumes: ReturnType<typeof volumes>

  /** @throws TypeError for invalid options */
  constructor(options: DaytonaAuthOptions = {}) {
    const { clock = systemClock } = options
    const http = createHttp({ ...resolveSettings(options, readEnvironment()), clock })
    this.apiKeys = apiKeys(http)
    this.audit = audit(http)
    this.events = events(http, clock)
    this.invitations = invitations(http)
    this.oauthApps = oauthApps(http)
    this.organizations = organizations(http)
    this.registries = registries(http)
    this.resourceServers = resourceServers(http)
    this.sandboxes = sandboxes(http)
    this.server = server(http)
    this.snapshots = snapshots(http)
    this.users = users(http)
    this.volumes = volumes(http)
  }

  /** Returns what a program needs to start and to sign in. The same as `server.config`. */
  config(options?: RequestOptions): Promise<Configuration> {
    return this.server.config(options)
  }
}

/** Returns the process's environment. In a page there is none, or a bundler's replacement. */
const readEnvironment = (): Record<string, string | undefined> => (typeof process === 'object' && process.env) || {}
