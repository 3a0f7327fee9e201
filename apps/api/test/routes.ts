import { isPermission, type Permission } from '@daytona-auth/auth'
import type { Answer } from './world.ts'

/** A route of the OpenAPI document, which is generated from the routes and includes new ones. */
export interface Route {
  readonly method: string
  /** As in the document: `/api-keys/{name}`. */
  readonly template: string
  /** The path with a value for each parameter. */
  readonly path: string
  /** Returns the path, with the given organization if it has one. */
  pathIn(organizationId: string): string
  readonly namesOrganization: boolean
  readonly access: 'public' | 'person' | 'authenticated' | Permission
  readonly takesOrganization: boolean
  readonly responses: readonly string[]
}

interface Operation {
  readonly security?: readonly Record<string, readonly string[]>[]
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Readonly<Record<string, unknown>>
}

export function routesOf({ body }: Answer): Route[] {
  const { paths } = body as { paths: Record<string, Record<string, Operation>> }
  return Object.entries(paths).flatMap(([template, operations]) =>
    Object.entries(operations).map(([method, { security = [], parameters = [], responses }]) => ({
      method: method.toUpperCase(),
      template,
      path: filled(template),
      pathIn: (organizationId) => filled(template.replace('{organizationId}', organizationId)),
      namesOrganization: template.includes('{organizationId}'),
      access: accessOf(security),
      takesOrganization: parameters.some(({ name }) => name === 'X-Daytona-Organization-ID'),
      responses: Object.keys(responses),
    })),
  )
}

const filled = (template: string) => template.replaceAll(/\{\w+\}/g, 'none')

function accessOf(security: readonly Record<string, readonly string[]>[]): Route['access'] {
  if (security.length === 0) return 'public'
  const scope = security.find((entry) => 'oauth2' in entry)?.['oauth2']?.[0]
  if (scope !== undefined && isPermission(scope)) return scope
  return security.some((entry) => 'bearer' in entry) ? 'authenticated' : 'person'
}
