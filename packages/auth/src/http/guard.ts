import type { OrganizationId } from '@daytona-auth/db/core'
import { permissionNames } from '@daytona-auth/protocol/scopes'
import type { Denial } from '@daytona-auth/service'
import type { FastifyContextConfig, FastifyRequest } from 'fastify'
import { misplacedIn } from '../credential/credential.ts'
import { isPermission, permits } from '../principal/permission.ts'
import { isPerson, type OrganizationAccess, type Principal, suspensionAt } from '../principal/principal.ts'
import { denyCredential } from '../principal/result.ts'
import { SECOND_FACTOR } from '../principal/sign-in.ts'
import {
  APP_NOT_ALLOWED,
  insufficientScope,
  misplaced,
  NOT_A_PERSON,
  SUPERSEDED_SECRET,
  suspended,
  UNKNOWN_PERMISSION,
} from './challenge.ts'
import { isSelected, namedOrganization, selectByHeader, selectByPath } from './organization.ts'
import type { OrganizationSource, QueryMembers } from './route-access.ts'

export const ORGANIZATION = Symbol('organization')

/** Receives the selected organization: the request itself, or a separate object while a request is authorized again. */
export interface SelectedOrganization {
  [ORGANIZATION]: OrganizationAccess | null
}

/** The 401 for a query that the route does not accept, with any credential. Its challenge is the one of the route. */
export const queryDenied = (request: FastifyRequest): Denial =>
  request.server.challenge(
    denyCredential('none', 'query-not-accepted'),
    requiredScope(request, request.routeOptions.config),
  )

/**
 * Returns why this principal may not call this route, or undefined if it may. Sets the selected organization on `target`.
 *
 * Called before the body is read, after it, and in the transaction of a write.
 */
export function denialOf(
  request: FastifyRequest,
  config: FastifyContextConfig,
  principal: Principal,
  instant: number,
  target: SelectedOrganization,
): Denial | undefined {
  const { access, organization, resourceWrite, requiredPermissions, queryMembers } = config
  const name = misplacedIn(request.query)
  if (name !== undefined) return misplaced(name, 'query')
  if (queryMembers !== undefined && !isWithin(request.query, queryMembers)) return queryDenied(request)
  if (access === 'person' && !isPerson(principal)) return NOT_A_PERSON
  if (config.managementWrite && principal.kind === 'api-key' && principal.isSuperseded) return SUPERSEDED_SECRET
  if (organization === undefined || organization === 'none') return undefined

  const selected = select(request, principal, organization)
  if (!isSelected(selected)) {
    if (isAppDenied(request, principal, organization, selected)) return APP_NOT_ALLOWED
    // An app with identity scopes only has access to no organization: it lacks the scope, not the organization. One that its
    // organizations deny has the scope.
    const hasNone =
      selected.statusCode === 403 && principal.access.size === 0 && principal.denyingOrganizations.size === 0
    return hasNone && access !== undefined && isPermission(access) ? insufficientScope(access) : selected
  }
  if (selected.needsSecondFactor) return request.server.stepUpChallenge(principal, SECOND_FACTOR)
  target[ORGANIZATION] = selected
  if (access !== undefined && isPermission(access) && !permits(selected.permissions, access)) {
    return insufficientScope(access)
  }
  let writes = resourceWrite === true
  for (const required of requiredPermissions?.(request) ?? []) {
    if (!isPermission(required)) return UNKNOWN_PERMISSION
    if (!permits(selected.permissions, required)) return insufficientScope(required)
    if (required.startsWith('write:')) writes = true
  }
  const suspension = writes ? suspensionAt(selected, instant) : null
  return suspension === null ? undefined : suspended(suspension)
}

/**
 * Returns the scope for the challenge of a 401: the permissions that the route and the request itself require. They are in
 * catalogue order, so that there are no more texts than sets of permissions. Undefined where none is required. A query with
 * too many or too long values is not read.
 */
export function requiredScope(request: FastifyRequest, config: FastifyContextConfig): string | undefined {
  const { access, requiredPermissions, queryMembers } = config
  const isReadable = queryMembers === undefined || isBounded(request.query, queryMembers)
  if (requiredPermissions === undefined || !isReadable) {
    return access !== undefined && isPermission(access) ? access : undefined
  }
  const required = new Set<string>(requiredPermissions(request))
  if (access !== undefined) required.add(access)
  const known = permissionNames().filter((permission) => required.has(permission))
  return known.length === 0 ? undefined : known.join(' ')
}

/** Whether a query has only these members, each within its number and length of values. Compares no value. */
const isWithin = (query: unknown, members: QueryMembers): boolean =>
  Object.keys(query ?? {}).every((name) => Object.hasOwn(members, name)) && isBounded(query, members)

/** Whether each of these members of a query is within its number and length of values. Compares no value. */
const isBounded = (query: unknown, members: QueryMembers): boolean =>
  Object.entries(members).every(([name, { maxValues, maxLength }]) => {
    const value = (query as Record<string, string | readonly string[]> | null | undefined)?.[name]
    if (value === undefined) return true
    if (typeof value === 'string') return value.length <= maxLength
    return value.length <= maxValues && value.every(({ length }) => length <= maxLength)
  })

/** Whether an organization is out of reach only because it denies the app of the credential. */
function isAppDenied(
  { headers, params }: FastifyRequest,
  { access, denyingOrganizations }: Principal,
  source: Exclude<OrganizationSource, 'none'>,
  { statusCode }: Denial,
): boolean {
  if (denyingOrganizations.size === 0 || statusCode === 400) return false
  const named = source === 'path' ? organizationInPath(params) : namedOrganization(headers)
  return named ? denyingOrganizations.has(named as OrganizationId) : access.size === 0
}

function select(
  request: FastifyRequest,
  { access }: Principal,
  source: Exclude<OrganizationSource, 'none'>,
): OrganizationAccess | Denial {
  const named = namedOrganization(request.headers)
  if (source === 'header') return selectByHeader(access, named)
  return selectByPath(access, organizationInPath(request.params), named)
}

/** `checkRouteDeclaration` has found the parameter in the route's path. */
const organizationInPath = (params: unknown): string => (params as { readonly organizationId: string }).organizationId
