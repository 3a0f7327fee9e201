import type { IncomingHttpHeaders } from 'node:http'
import type { OrganizationId } from '@daytona-auth/db/core'
import {
  ORGANIZATION_HEADER,
  organizationReader,
  organizationRequired,
} from '@daytona-auth/protocol/organization-header'
import { Denial, type ErrorCode, forbidden } from '@daytona-auth/service'
import type { OrganizationAccess } from '../principal/principal.ts'

/** In UTF-16 code units: the maximum of ids in paths and bodies, several times the length of an id. */
const MAX_HEADER = 128

/** Reads the organization that a request names in a header. */
export const namedOrganization = organizationReader((headers: IncomingHttpHeaders, name) => {
  const value = headers[name]
  return Array.isArray(value) ? value.join(',') : value
})

type AccessMap = ReadonlyMap<OrganizationId, OrganizationAccess>

/** What the log has as the reason of a refused selection. */
const BY_HEADER = ORGANIZATION_HEADER.toLowerCase()

const refuse = (statusCode: 400 | 404, code: ErrorCode, error: string): Denial =>
  new Denial(statusCode, error, { code, cause: BY_HEADER })

const NOT_WITHIN_ACCESS = forbidden(`${ORGANIZATION_HEADER} names no organization that this credential has access to`, {
  cause: BY_HEADER,
})
const NO_ACCESS = forbidden('This credential has access to no organization', { cause: BY_HEADER })
const NOT_FOUND = refuse(404, 'organization_not_found', 'Organization not found')
const TOO_LONG = refuse(
  400,
  'invalid_request',
  `${ORGANIZATION_HEADER} header must be at most ${MAX_HEADER} characters`,
)
const DISAGREES = refuse(
  400,
  'invalid_request',
  `${ORGANIZATION_HEADER} header disagrees with the organization in the path`,
)

/**
 * Selects the organization of a request by its header.
 *
 * A malformed or repeated header (Node joins it with a comma) is answered like an unknown organization: 403. One of more
 * than 128 characters is 400. An empty header counts as absent. Without a header, a credential with a single organization
 * selects that one.
 */
export function selectByHeader(access: AccessMap, header: string | undefined): OrganizationAccess | Denial {
  if (header !== undefined && header.length > MAX_HEADER) return TOO_LONG
  if (header) return findAccess(access, header) ?? NOT_WITHIN_ACCESS
  if (access.size !== 1) return access.size === 0 ? NO_ACCESS : ambiguous(access.size)
  return access.values().next().value ?? NO_ACCESS
}

/**
 * Selects the organization of a request by its path. One that the credential has no access to is 404, with any header.
 * A header besides it must name the same organization; one of more than 128 characters is 400 before that.
 */
export function selectByPath(
  access: AccessMap,
  organizationId: string,
  header: string | undefined,
): OrganizationAccess | Denial {
  if (header !== undefined && header.length > MAX_HEADER) return TOO_LONG
  const selected = findAccess(access, organizationId)
  if (!selected) return NOT_FOUND
  return !header || header === organizationId ? selected : DISAGREES
}

export const isSelected = (choice: OrganizationAccess | Denial): choice is OrganizationAccess =>
  'organizationId' in choice

/** The cast is safe: the map has only organization ids as keys. */
const findAccess = (access: AccessMap, text: string) => access.get(text as OrganizationId)

const ambiguous = (count: number): Denial => refuse(400, 'organization_required', organizationRequired(count))
