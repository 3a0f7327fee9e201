import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { Home } from './pages/home.tsx'
import { keysSearch } from './pages/keys/list/search.ts'
import { NotFound, PageFailed } from './pages/not-found.tsx'
import { OrganizationFrame } from './pages/organization-frame.tsx'
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

const routeTree = root.addChildren([home, organization.addChildren([keys])])

/** Creates the router. A page is loaded when it is opened, or when a link to it is hovered or focused. */
export const createAppRouter = () =>
  createRouter({
    routeTree,
    basepath: '/dashboard',
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
