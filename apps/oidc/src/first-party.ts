import { scopeNames } from '@daytona-auth/accounts/scopes'
import type { FirstPartyClient } from '@daytona-auth/db/clients'

/** The ids of our own apps, as `GET /config` returns them. */
export const DASHBOARD_CLIENT_ID = 'daytona-dashboard'
export const CLI_CLIENT_ID = 'daytona-cli'

/** Returns our own apps for an issuer. The provider creates them at its first start. */
export const firstPartyClients = (issuer: string): FirstPartyClient[] => [
  {
    id: DASHBOARD_CLIENT_ID,
    name: 'Daytona Dashboard',
    type: 'spa',
    redirectUris: [`${issuer}/dashboard/callback`],
    postLogoutRedirectUris: [`${issuer}/dashboard`],
    scopes: [...scopeNames()],
  },
  {
    id: CLI_CLIENT_ID,
    name: 'Daytona CLI',
    type: 'native',
    // Any port matches: RFC 8252 §7.3.
    redirectUris: ['http://127.0.0.1/callback'],
    postLogoutRedirectUris: [],
    scopes: [...scopeNames()],
  },
]
