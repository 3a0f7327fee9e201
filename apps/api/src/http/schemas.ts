import { NAME_UNITS } from '@daytona-auth/accounts/given-name'
import { type Permission, permissionNames } from '@daytona-auth/auth'
import { badRequest, boundedList, boundedText } from '@daytona-auth/service'
import * as z from 'zod'

// What several features say in the same way. JSON only: a response schema has neither Date nor transform.

/** An instant in an answer: RFC 3339 in UTC, to the millisecond. */
export const Instant = z.iso.datetime()

/** PostgreSQL has no year 0, RFC 3339 no year 10000, and both can be reached with an offset. */
const isStorable = (text: string) => {
  const year = new Date(text).getUTCFullYear()
  return year >= 1 && year <= 9999
}

/** An instant in a request: RFC 3339 with any offset, in upper or lower case (section 5.6). */
export const GivenInstant = boundedText({ max: 64 })
  .toUpperCase()
  .pipe(z.iso.datetime({ offset: true, error: 'must be a time of RFC 3339, such as 2030-12-31T23:59:59Z' }))
  .refine(isStorable, 'must be a time of RFC 3339, such as 2030-12-31T23:59:59Z')
  .meta({ format: 'date-time' })

/** A permission by its name. */
export const PermissionName = z
  .enum(permissionNames() as [Permission, ...Permission[]], { error: `must be one of ${permissionNames().join(', ')}` })
  .meta({ id: 'Permission' })

/** Several times as many as there are: a client may repeat itself. */
export const MAX_PERMISSIONS = 50

/** A list of permissions, at least one. */
export const GivenPermissions = boundedList(PermissionName, {
  min: 1,
  max: MAX_PERMISSIONS,
  tooFew: 'must name at least one permission',
})

const Amount = z.number().min(0).max(1_000_000)

/** How much of a machine a sandbox has. */
export const machine = {
  cpu: Amount.default(1),
  gpu: Amount.default(0),
  memory: Amount.default(1).describe('In GiB'),
  disk: Amount.default(3).describe('In GiB'),
}

/** A name or an id in a path. Which there can be is for creation to say: another one is not found. */
export const Reference = boundedText({ max: NAME_UNITS }).overwrite((text) => text.normalize('NFC').trim())

/** An id in a request, which may be anybody's or nobody's. */
export const GivenId = boundedText({ max: 128 })

/** An instant of a row. */
export const instant = (date: Date): string => date.toISOString()

export const instantOrNull = (date: Date | null): string | null => (date === null ? null : instant(date))

/** Refuses a moment that is not after `now`, in milliseconds since the epoch. */
export function requireFuture(path: string, text: string | null | undefined, now: number): void {
  if (typeof text !== 'string' || Date.parse(text) > now) return
  const message = 'must be in the future'
  throw badRequest(`${path}: ${message}`, [{ path, message }])
}
