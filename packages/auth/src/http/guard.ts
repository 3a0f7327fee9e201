import { type Refusal, unauthorized } from '@daytona-auth/service'
import type { FastifyContextConfig, FastifyRequest } from 'fastify'
import { misplacedIn } from '../credential/credential.ts'
import { isPermission, permissionNames, permits } from '../principal/permission.ts'
import { isPerson, type OrganizationAccess, type Principal, suspensionAt } from '../principal/principal.ts'
import {
  insufficientScope,
  misplaced,
  NOT_A_PERSON,
  notSelected,
  SUPERSEDED_SECRET,
  suspended,
  UNKNOWN_PERMISSION,
} from './challenge.ts'
import { isSelected, type NotSelected, ORGANIZATION_HEADER, selectByHeader, selectByPath } from './organization.ts'
import type { OrganizationSource, QueryMembers } from './plugin.ts'

export const ORGANIZATION = Symbol('organization')

/** Where the guard notes the organization of a request: the request itself, or a copy while it is judged again. */
export interface Noted {
  [ORGANIZATION]: OrganizationAccess | null
}

const ODD_QUERY: Refusal = unauthorized('the query has unknown members, or more or longer values than it may')

/**
 * Why this principal may not call this route; undefined if it may. Notes the organization that the request means.
 *
 * The same function judges before the body is read, after it, and in the transaction of a write.
 */
export function refusalOf(
  request: FastifyRequest,
  config: FastifyContextConfig,
  principal: Principal,
  instant: number,
  noted: Noted,
): Refusal | undefined {
  const { access, organization, resourceWrite, requiredPermissions, queryMembers } = config
  const name = misplacedIn(request.query)
  if (name !== undefined) return misplaced(name, 'query')
  if (queryMembers !== undefined && !isWithin(request.query, queryMembers)) return ODD_QUERY
  if (access === 'person' && !isPerson(principal)) return NOT_A_PERSON
  if (config.managementWrite && principal.kind === 'api-key' && principal.isSuperseded) return SUPERSEDED_SECRET
  if (organization === undefined || organization === 'none') return undefined

  const selected = select(request, principal, organization)
  if (!isSelected(selected)) {
    // An app that asked to know the person only was given no organization: what it lacks is the scope.
    const hasNone = selected.statusCode === 403 && principal.access.size === 0
    return hasNone && access !== undefined && isPermission(access) ? insufficientScope(access) : notSelected(selected)
  }
  noted[ORGANIZATION] = selected
  if (access !== undefined && isPermission(access) && !permits(selected.permissions, access)) {
    return insufficientScope(access)
  }
  let writes = resourceWrite === true
  for (const demanded of requiredPermissions?.(request) ?? []) {
    if (!isPermission(demanded)) return UNKNOWN_PERMISSION
    if (!permits(selected.permissions, demanded)) return insufficientScope(demanded)
    if (demanded.startsWith('write:')) writes = true
  }
  const suspension = writes ? suspensionAt(selected, instant) : null
  return suspension === null ? undefined : suspended(suspension)
}

/**
 * The scope that a request needs, for the challenge of a 401: the permissions that its route and the request itself ask for,
 * in the order of the catalogue, so that there are no more texts than sets of permissions. Undefined where it needs none.
 */
export function requiredScope(request: FastifyRequest, config: FastifyContextConfig): string | undefined {
  const { access, requiredPermissions, queryMembers } = config
  if (requiredPermissions === undefined || (queryMembers !== undefined && !isWithin(request.query, queryMembers)))
    return access !== undefined && isPermission(access) ? access : undefined
  const demanded = new Set<string>(requiredPermissions(request))
  if (access !== undefined) demanded.add(access)
  const known = permissionNames().filter((permission) => demanded.has(permission))
  return known.length === 0 ? undefined : known.join(' ')
}

/** Whether a query has no other members than these, and none with more or longer values. Reads no value. */
const isWithin = (query: unknown, members: QueryMembers): boolean =>
  Object.entries(query ?? {}).every(([name, value]: [string, string | readonly string[]]) => {
    if (!Object.hasOwn(members, name)) return false
    const { maxValues, maxLength } = members[name] as QueryMembers[string]
    if (typeof value === 'string') return value.length <= maxLength
    return value.length <= maxValues && value.every(({ length }) => length <= maxLength)
  })

function select(
  request: FastifyRequest,
  { access }: Principal,
  source: Exclude<OrganizationSource, 'none'>,
): OrganizationAccess | NotSelected {
  const header = request.headers[ORGANIZATION_HEADER]
  const named = Array.isArray(header) ? header.join(',') : header
  if (source === 'header') return selectByHeader(access, named)
  // `declared` has seen the parameter in the route's path.
  const { organizationId } = request.params as { readonly organizationId: string }
  return selectByPath(access, organizationId, named)
}
