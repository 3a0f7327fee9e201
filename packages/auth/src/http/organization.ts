import type { OrganizationId } from '@daytona-auth/db/core'
import type { ErrorCode } from '@daytona-auth/service'
import type { OrganizationAccess } from '../principal/principal.ts'

/** The name of the header in lower case, as Node lists it. */
export const ORGANIZATION_HEADER = 'x-daytona-organization-id'

/** In UTF-16 code units: the maximum of ids in paths and bodies, several times the length of an id. */
const MAX_HEADER = 128

type AccessMap = ReadonlyMap<OrganizationId, OrganizationAccess>

/** The response to a request whose organization cannot be selected. */
export interface NotSelected {
  readonly statusCode: 400 | 403 | 404
  readonly code: ErrorCode
  readonly error: string
}

const NOT_WITHIN_ACCESS: NotSelected = Object.freeze({
  statusCode: 403,
  code: 'insufficient_permissions',
  error: 'Insufficient permissions',
})
const NOT_FOUND: NotSelected = Object.freeze({
  statusCode: 404,
  code: 'organization_not_found',
  error: 'Organization not found',
})
const TOO_LONG: NotSelected = Object.freeze({
  statusCode: 400,
  code: 'invalid_request',
  error: 'X-Daytona-Organization-ID header must have 128 characters at most',
})
const DISAGREES: NotSelected = Object.freeze({
  statusCode: 400,
  code: 'invalid_request',
  error: 'X-Daytona-Organization-ID header disagrees with the organization in the path',
})

/**
 * Selects the organization of a request by its header.
 *
 * A malformed or repeated header (Node joins it with a comma) is answered like an unknown organization: 403. One of more
 * than 128 characters is 400. An empty header counts as absent. Without a header, a credential with a single organization
 * selects that one.
 */
export function selectByHeader(access: AccessMap, header: string | undefined): OrganizationAccess | NotSelected {
  if (header !== undefined && header.length > MAX_HEADER) return TOO_LONG
  if (header) return findAccess(access, header) ?? NOT_WITHIN_ACCESS
  if (access.size !== 1) return access.size === 0 ? NOT_WITHIN_ACCESS : ambiguous(access.size)
  return access.values().next().value ?? NOT_WITHIN_ACCESS
}

/**
 * Selects the organization of a request by its path. One that the credential has no access to is 404, with any header.
 * A header besides it must name the same organization; one of more than 128 characters is 400 before that.
 */
export function selectByPath(
  access: AccessMap,
  organizationId: string,
  header: string | undefined,
): OrganizationAccess | NotSelected {
  if (header !== undefined && header.length > MAX_HEADER) return TOO_LONG
  const selected = findAccess(access, organizationId)
  if (!selected) return NOT_FOUND
  return !header || header === organizationId ? selected : DISAGREES
}

export const isSelected = (choice: OrganizationAccess | NotSelected): choice is OrganizationAccess =>
  'organizationId' in choice

/** The cast is safe: the map has only organization ids as keys. */
const findAccess = (access: AccessMap, text: string) => access.get(text as OrganizationId)

const ambiguous = (count: number): NotSelected => ({
  statusCode: 400,
  code: 'organization_required',
  error: `X-Daytona-Organization-ID header is required: this credential has access to ${count} organizations`,
})
