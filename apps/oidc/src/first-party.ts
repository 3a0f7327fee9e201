import type { FirstPartyClient } from '@daytona-auth/db/clients'
import { scopeNames } from '@daytona-auth/protocol/scopes'
import { ACCOUNT_PAGES } from './pages/account-pages.ts'
import { dashboardUrl } from './pages/dashboard-url.ts'

/** The ids of our own apps, as `GET /config` returns them. */
export const DASHBOARD_CLIENT_ID = 'daytona-dashboard'
export const CLI_CLIENT_ID = 'daytona-cli'
/** The account pages: they sign in to this server's own session, and get neither code nor token. */
export const ACCOUNT_CLIENT_ID = 'daytona-account'

/** Returns our own apps for an issuer and the name of the installation. The provider creates or renames them when it starts. */
export const firstPartyClients = (issuer: string, brand: string): FirstPartyClient[] => [
  {
    id: DASHBOARD_CLIENT_ID,
    name: `${brand} Dashboard`,
    type: 'spa',
    redirectUris: [`${dashboardUrl(issuer)}/callback`],
    postLogoutRedirectUris: [dashboardUrl(issuer)],
    scopes: [...scopeNames()],
  },
  {
    id: CLI_CLIENT_ID,
    name: `${brand} CLI`,
    type: 'native',
    // Any port matches: RFC 8252 §7.3.
    redirectUris: ['http://127.0.0.1/callback'],
    postLogoutRedirectUris: [],
    scopes: [...scopeNames()],
  },
  {
    id: ACCOUNT_CLIENT_ID,
    // Pages show it in every language.
    name: brand,
    type: 'spa',
    redirectUris: Object.values(ACCOUNT_PAGES).map((path) => `${issuer}${path}`),
    postLogoutRedirectUris: [],
    scopes: ['openid'],
  },
]
