import type { RouteOptions } from 'fastify'
import { isPermission } from '../principal/permission.ts'
import type { Access, OrganizationSource } from './plugin.ts'

/** Stops the boot at a route that does not say, in terms that we know, who may call it and where. */
export function declared({ method, url, config }: RouteOptions): void {
  const route = `${String(method)} ${url}`
  const { access, organization, resourceWrite, requiredPermissions, queryMembers } = config ?? {}
  if (access === undefined) throw new Error(`${route} declares no access`)
  if (!GENERAL.has(access) && !isPermission(access)) throw new Error(`${route} asks for unknown access ${access}`)
  if (organization !== undefined && !SOURCES.has(organization)) {
    throw new Error(`${route} takes its organization from unknown ${organization}`)
  }
  const hasOrganization = organization === 'header' || organization === 'path'
  if (isPermission(access) && !hasOrganization) throw new Error(`${route} asks for ${access} and names no organization`)
  if (resourceWrite && !hasOrganization) throw new Error(`${route} writes resources and names no organization`)
  if (requiredPermissions && !hasOrganization)
    throw new Error(`${route} requiredPermissions permissions and names no organization`)
  if (requiredPermissions && !queryMembers)
    throw new Error(`${route} requiredPermissions permissions and does not bound its query`)
  if (organization === 'path' && !/\/:organizationId(?:\/|$)/.test(url)) {
    throw new Error(`${route} has no :organizationId in its path`)
  }
}

const GENERAL: ReadonlySet<string> = new Set<Access>(['public', 'authenticated', 'person'])
const SOURCES: ReadonlySet<string> = new Set<OrganizationSource>(['header', 'path', 'none'])
