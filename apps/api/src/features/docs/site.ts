/** A page of the documentation, by its path below `/docs`. */
export interface Page {
  readonly path: string
  readonly title: string
}

/** Pages in Markdown, in the order of the menu. Their texts are in `guides/` beside this module. */
export const GUIDES = {
  'getting-started': { path: '/docs', title: 'Getting started' },
  authentication: { path: '/docs/authentication', title: 'Authentication' },
  permissions: { path: '/docs/permissions', title: 'Permissions' },
  organizations: { path: '/docs/organizations', title: 'Organizations' },
  oauth: { path: '/docs/oauth', title: 'OAuth and OpenID Connect' },
  'sign-in-elsewhere': { path: '/docs/sign-in-elsewhere', title: 'Sign in with other providers' },
  'forward-auth': { path: '/docs/forward-auth', title: 'Forward authentication' },
  pagination: { path: '/docs/pagination', title: 'Pagination' },
} as const satisfies Record<string, Page>

export type GuideName = keyof typeof GUIDES

/** Pages that are generated from catalogues. */
export const CATALOGUES = {
  errors: { path: '/docs/errors', title: 'Errors' },
  rateLimits: { path: '/docs/rate-limits', title: 'Rate limits' },
  auditEvents: { path: '/docs/audit-events', title: 'Audit events' },
} as const satisfies Record<string, Page>

/** Returns the page of the reference that describes the operations with a tag. */
export const referencePage = (tag: string): Page => ({
  path: `/docs/reference/${tag.toLowerCase().replaceAll(' ', '-')}`,
  title: tag,
})
