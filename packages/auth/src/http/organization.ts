import type { OrganizationId } from '@daytona-auth/db'
import type { ErrorCode } from '@daytona-auth/service'
import type { OrganizationAccess } from '../principal/principal.ts'

/** Of HTTP: in lower case, as Node has it. */
export const ORGANIZATION_HEADER = 'x-daytona-organization-id'

/** Several times as long as an id, in UTF-16 code units: the maximum of ids in paths and bodies. */
const MAX_HEADER = 128

type AccessMap = ReadonlyMap<OrganizationId, OrganizationAccess>

/** Why no organization was chosen, as the caller may read it. */
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
 * The organization that a request means, by its header.
 *
 * A header that is malformed or given twice (Node joins it with a comma) names nothing that the credential has access to,
 * and is answered like an unknown organization: 403. One of more than 128 characters is 400. An empty one is an absent one. Without a header only a credential with a single
 * organization means one.
 */
export function selectByHeader(access: AccessMap, header: string | undefined): OrganizationAccess | NotSelected {
  if (header !== undefined && header.length > MAX_HEADER) return TOO_LONG
  if (header) return reach(access, header) ?? NOT_WITHIN_ACCESS
  if (access.size !== 1) return access.size === 0 ? NOT_WITHIN_ACCESS : ambiguous(access.size)
  return access.values().next().value ?? NOT_WITHIN_ACCESS
}

/**
 * The organization that a request means, by its path. Outside access it does not exist: 404, whatever the header says.
 * A header beside it must agree; one of more than 128 characters is 400 before that.
 */
export function selectByPath(
  access: AccessMap,
  organizationId: string,
  header: string | undefined,
): OrganizationAccess | NotSelected {
  if (header !== undefined && header.length > MAX_HEADER) return TOO_LONG
  const selected = reach(access, organizationId)
  if (!selected) return NOT_FOUND
  return !header || header === organizationId ? selected : DISAGREES
}

export const isSelected = (choice: OrganizationAccess | NotSelected): choice is OrganizationAccess =>
  'organizationId' in choice

/** Any text may be looked up: only ids of organizations are keys of the map. */
const reach = (access: AccessMap, text: string) => access.get(text as OrganizationId)

const ambiguous = (count: number): NotSelected => ({
  statusCode: 400,
  code: 'organization_required',
  error: `X-Daytona-Organization-ID header is required: this credential has access to ${count} organizations`,
})
