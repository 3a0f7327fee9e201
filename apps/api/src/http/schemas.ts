import { NAME_UNITS } from '@daytona-auth/accounts/given-name'
import { type Permission, permissionNames } from '@daytona-auth/auth'
import { normalizeName } from '@daytona-auth/protocol/names'
import { badRequest, boundedList, boundedText } from '@daytona-auth/service'
import * as z from 'zod'

// Schemas that several features share. JSON only: a response schema has neither `Date` nor `transform`.

/** An instant in a response: RFC 3339 in UTC, with milliseconds. */
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
export const PermissionName = z.enum(permissionNames() as [Permission, ...Permission[]]).meta({ id: 'Permission' })

/** Several times the number of permissions: a client may repeat them. */
export const MAX_PERMISSIONS = 50

/** A list of permissions, at least one. */
export const GivenPermissions = boundedList(PermissionName, {
  min: 1,
  max: MAX_PERMISSIONS,
  tooFew: 'must name at least one permission',
})

/** A description: plain text of several lines. Allows four UTF-16 code units per character before normalization. */
export const GivenDescription = boundedText({ max: 4096, error: 'must be at most 1024 characters' })
  .overwrite(normalizeName)
  .refine((text) => [...text].length <= 1024, 'must be at most 1024 characters')
  .refine((text) => text.isWellFormed() && !/[^\P{Cc}\n\t]/u.test(text), 'must not have control characters')
  .meta({ maxLength: 1024 })

const Amount = z.number().min(0).max(1_000_000)

/** The resources of a sandbox. */
export const machine = {
  cpu: Amount.default(1),
  gpu: Amount.default(0),
  memory: Amount.default(1).describe('In GiB'),
  disk: Amount.default(3).describe('In GiB'),
}

/** A name or an id in a path. Only creation validates names: an impossible name is simply not found. */
export const Reference = boundedText({ max: NAME_UNITS }).overwrite(normalizeName)

/** An id in a request. It may name another tenant's row or none. */
export const GivenId = boundedText({ max: 128 })

/** The id of any app in a request. It may be the URL of the app's metadata document, and name no app. */
export const GivenClientId = boundedText({ max: 255 })

/** Formats a row's instant for a response. */
export const instant = (date: Date): string => date.toISOString()

export const instantOrNull = (date: Date | null): string | null => (date === null ? null : instant(date))

/** Refuses an instant that is not after `now`, in milliseconds since the epoch. @throws Denial 400 */
export function requireFuture(path: string, text: string | null | undefined, now: number): void {
  if (typeof text !== 'string' || Date.parse(text) > now) return
  const message = 'must be in the future'
  throw badRequest(`${path}: ${message}`, [{ path, message }])
}
