import type { RouteOptions } from 'fastify'
import { isPermission } from '../principal/permission.ts'
import type { Access, OrganizationSource } from './route-access.ts'

/** Throws, and so stops the boot, if a route's declaration of access and organization is missing or contradicts itself. */
export function checkRouteDeclaration({ method, url, config }: RouteOptions): void {
  const route = `${String(method)} ${url}`
  const { access, organization, resourceWrite, requiredPermissions, queryMembers } = config ?? {}
  if (access === undefined) throw new Error(`${route} declares no access`)
  if (!GENERAL.has(access) && !isPermission(access)) throw new Error(`${route} requires unknown access ${access}`)
  if (organization !== undefined && !SOURCES.has(organization)) {
    throw new Error(`${route} names an unknown organization source ${organization}`)
  }
  const hasOrganization = organization === 'header' || organization === 'path'
  if (isPermission(access) && !hasOrganization) throw new Error(`${route} requires ${access} and names no organization`)
  if (resourceWrite && !hasOrganization) throw new Error(`${route} writes resources and names no organization`)
  if (requiredPermissions && !hasOrganization)
    throw new Error(`${route} has requiredPermissions and names no organization`)
  if (requiredPermissions && !queryMembers)
    throw new Error(`${route} has requiredPermissions and does not bound its query`)
  if (organization === 'path' && !/\/:organizationId(?:\/|$)/.test(url)) {
    throw new Error(`${route} has no :organizationId in its path`)
  }
}

const GENERAL: ReadonlySet<string> = new Set<Access>(['public', 'authenticated', 'person'])
const SOURCES: ReadonlySet<string> = new Set<OrganizationSource>(['header', 'path', 'none'])
