import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { accountSearch } from './pages/account/search.ts'
import { apiSearch } from './pages/apis/api/search.ts'
import { apisSearch } from './pages/apis/list/search.ts'
import { appSearch } from './pages/apps/app/search.ts'
import { appsSearch } from './pages/apps/list/search.ts'
import { auditSearch } from './pages/audit/search.ts'
import { Home } from './pages/home.tsx'
import { keySearch } from './pages/keys/key/search.ts'
import { keysSearch } from './pages/keys/list/search.ts'
import { newKeySearch } from './pages/keys/new/search.ts'
import { membersSearch } from './pages/members/search.ts'
import { NotFound, PageFailed } from './pages/not-found.tsx'
import { OrganizationFrame } from './pages/organization-frame.tsx'
import { roleSearch } from './pages/roles/role/search.ts'
import { settingsSearch } from './pages/settings/search.ts'
import { Shell } from './shell/shell.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: PageFailed })

const home = createRoute({ getParentRoute: () => root, path: '/', component: Home })

/** Everything below it is about the organization in the path. */
const organization = createRoute({
  getParentRoute: () => root,
  path: '/o/$organizationId',
  component: OrganizationFrame,
})

const keys = createRoute({
  getParentRoute: () => organization,
  path: '/keys',
  validateSearch: keysSearch,
  component: lazyRouteComponent(() => import('./pages/keys/list/page.tsx'), 'KeysPage'),
})

const newKey = createRoute({
  getParentRoute: () => organization,
  path: '/keys/new',
  validateSearch: newKeySearch,
  component: lazyRouteComponent(() => import('./pages/keys/new/page.tsx'), 'NewKeyPage'),
})

const key = createRoute({
  getParentRoute: () => organization,
  path: '/keys/$keyId',
  validateSearch: keySearch,
  component: lazyRouteComponent(() => import('./pages/keys/key/page.tsx'), 'KeyPage'),
})

const members = createRoute({
  getParentRoute: () => organization,
  path: '/members',
  validateSearch: membersSearch,
  component: lazyRouteComponent(() => import('./pages/members/page.tsx'), 'MembersPage'),
})

const audit = createRoute({
  getParentRoute: () => organization,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('./pages/audit/page.tsx'), 'AuditPage'),
})

const roles = createRoute({
  getParentRoute: () => organization,
  path: '/roles',
  component: lazyRouteComponent(() => import('./pages/roles/list/page.tsx'), 'RolesPage'),
})

const newRole = createRoute({
  getParentRoute: () => organization,
  path: '/roles/new',
  component: lazyRouteComponent(() => import('./pages/roles/role/new-page.tsx'), 'NewRolePage'),
})

const role = createRoute({
  getParentRoute: () => organization,
  path: '/roles/$roleId',
  validateSearch: roleSearch,
  component: lazyRouteComponent(() => import('./pages/roles/role/page.tsx'), 'RolePage'),
})

const apps = createRoute({
  getParentRoute: () => organization,
  path: '/apps',
  validateSearch: appsSearch,
  component: lazyRouteComponent(() => import('./pages/apps/list/page.tsx'), 'AppsPage'),
})

const newApp = createRoute({
  getParentRoute: () => organization,
  path: '/apps/new',
  component: lazyRouteComponent(() => import('./pages/apps/new/page.tsx'), 'NewAppPage'),
})

const app = createRoute({
  getParentRoute: () => organization,
  path: '/apps/$clientId',
  validateSearch: appSearch,
  component: lazyRouteComponent(() => import('./pages/apps/app/page.tsx'), 'AppPage'),
})

const apis = createRoute({
  getParentRoute: () => organization,
  path: '/apis',
  validateSearch: apisSearch,
  component: lazyRouteComponent(() => import('./pages/apis/list/page.tsx'), 'ApisPage'),
})

const newApi = createRoute({
  getParentRoute: () => organization,
  path: '/apis/new',
  component: lazyRouteComponent(() => import('./pages/apis/new-page.tsx'), 'NewApiPage'),
})

const api = createRoute({
  getParentRoute: () => organization,
  path: '/apis/$apiId',
  validateSearch: apiSearch,
  component: lazyRouteComponent(() => import('./pages/apis/api/page.tsx'), 'ApiPage'),
})

const settings = createRoute({
  getParentRoute: () => organization,
  path: '/settings',
  validateSearch: settingsSearch,
  component: lazyRouteComponent(() => import('./pages/settings/page.tsx'), 'SettingsPage'),
})

const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  validateSearch: accountSearch,
  component: lazyRouteComponent(() => import('./pages/account/page.tsx'), 'AccountPage'),
})

const newOrganization = createRoute({
  getParentRoute: () => root,
  path: '/organizations/new',
  component: lazyRouteComponent(() => import('./pages/organizations/new-page.tsx'), 'NewOrganizationPage'),
})

const routeTree = root.addChildren([
  home,
  account,
  newOrganization,
  organization.addChildren([
    keys,
    newKey,
    key,
    members,
    roles,
    newRole,
    role,
    apps,
    newApp,
    app,
    apis,
    newApi,
    api,
    audit,
    settings,
  ]),
])

/** Creates the router. A page is loaded when it is opened, or when a link to it is hovered or focused. */
export const createAppRouter = () =>
  createRouter({
    routeTree,
    basepath: '/dashboard',
    // What no `validateSearch` returns is removed from the address, and no page reads it.
    search: { strict: true },
    defaultPreload: 'intent',
    defaultErrorComponent: PageFailed,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
