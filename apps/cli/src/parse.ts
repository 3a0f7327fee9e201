import { InvalidArgumentError } from '@commander-js/extra-typings'
import { findKeyNameFault, normalizeName } from '@daytona-auth/protocol/names'
import { scopeNames } from '@daytona-auth/protocol/scopes'
import { PERMISSIONS } from '@daytona-auth/sdk'
import { parseDuration } from './duration.ts'
import { Failure } from './failure.ts'
import { tagParser } from './name-kinds.ts'
import { requireProfileName, requireServerUrl } from './validate.ts'

// Parsers of option values. An invalid value is a usage error (exit code 2), before any request.

export const profileNameOption = tagParser(
  (text: string): string => toInvalidArgument(() => requireProfileName(text)),
  { isProfile: true },
)

export const serverUrlOption = (text: string): string => toInvalidArgument(() => requireServerUrl(text, `"${text}"`))

/** The longest delay of a timer in Node. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Parses a timeout to milliseconds, within the limits of a timer. */
export function timeoutOption(text: string): number {
  const duration = durationOption(text)
  if (duration >= 1 && duration <= MAX_TIMER_MS) return duration
  throw new InvalidArgumentError('Use a duration between 1ms and 24d.')
}

/** Parses a duration to milliseconds. */
export function durationOption(text: string): number {
  const duration = parseDuration(text)
  if (duration === undefined) throw new InvalidArgumentError('Use a number with a unit, such as 30d, 24h or 90m.')
  return duration
}

/** Parses the name of a key by the API's rules. */
export function keyNameOption(text: string): string {
  const name = normalizeName(text)
  const fault = findKeyNameFault(name)
  if (fault !== undefined) throw new InvalidArgumentError(`The name of a key ${fault}.`)
  return name
}

/** Creates a parser of ids with a prefix, such as `usr_…`. */
export const idOption =
  (prefix: string, what: string) =>
  (text: string): string => {
    if (text.startsWith(prefix) && /^[A-Za-z0-9_-]+$/.test(text) && text !== prefix) return text
    throw new InvalidArgumentError(`Use the id of ${what}, such as ${prefix}….`)
  }

/** Parses the id of a user, or the e-mail address of a member. */
export function userIdOrEmailOption(text: string): string {
  if (/^(?:usr_[A-Za-z0-9_-]+|[^\s@]+@[^\s@]+)$/.test(text)) return text
  throw new InvalidArgumentError('Use the id or the e-mail address of a user, such as usr_… or ada@example.com.')
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/i
const DAY = /^\d{4}-\d{2}-\d{2}$/

/** Parses an RFC 3339 instant, or a day, which begins at midnight UTC. */
export function instantOption(text: string): string {
  const instant = DAY.test(text) ? `${text}T00:00:00Z` : text
  const day = instant.slice(0, 10)
  // Date.parse reads 31 February as 3 March.
  const isInCalendar = INSTANT.test(instant) && dayOf(Date.parse(`${day}T00:00:00Z`)) === day
  const time = isInCalendar ? Date.parse(instant) : Number.NaN
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError('Use an instant such as 2027-12-31T23:59:59Z, or a day such as 2027-12-31.')
  }
  return new Date(time).toISOString()
}

/** An expiry given on the command line. */
export interface GivenEnd {
  /** RFC 3339. */
  readonly at: string
  /** The day, if the option named only a day. */
  readonly day?: string
}

/** Parses an RFC 3339 instant, or a day, which ends just before midnight in the user's time zone. */
export function endOption(text: string): GivenEnd {
  const at = instantOption(text)
  if (!DAY.test(text)) return { at }
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number)
  return { at: new Date(year, month - 1, day, 23, 59, 59, 999).toISOString(), day: text }
}

const dayOf = (time: number): string => (Number.isNaN(time) ? '' : new Date(time).toISOString().slice(0, 10))

/** Parses `a,b` and repeated options to one list without duplicates. */
export function listOption(text: string, former?: readonly string[]): string[] {
  const items = text.split(',').map((item) => item.trim())
  if (items.includes('')) throw new InvalidArgumentError('Separate items by single commas.')
  return [...new Set([...(former ?? []), ...items])]
}

/** Parses ids or names of roles. */
export const roleListOption = tagParser(listOption, { kind: 'role', isList: true })

/** A group at an identity provider, and ids or names of its roles. */
export interface GroupWithRoles {
  readonly group: string
  readonly roles: readonly string[]
}

/** Parses `group=role,role` and repeated options. The name of a group may contain `=`. */
export function groupRolesOption(text: string, former: readonly GroupWithRoles[] = []): GroupWithRoles[] {
  const at = text.lastIndexOf('=')
  if (at < 1) throw new InvalidArgumentError('Use group=role, such as Engineering=Developer,Viewer.')
  return [...former, { group: text.slice(0, at), roles: listOption(text.slice(at + 1)) }]
}

/** Parses permissions; unknown names are invalid. */
export const permissionsOption = createNamesOption(PERMISSIONS)

/** A member of a JSON body. */
export type Field = readonly [name: string, value: unknown]

/** Parses `name=value` and repeated options. A value that is JSON keeps its type; others are strings. */
export function fieldOption(text: string, former: readonly Field[] = []): Field[] {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Use name=value.')
  return [...former, [text.slice(0, at), parseJsonOrText(text.slice(at + 1))]]
}

function parseJsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Parses the path of a request. It cannot name a host, and has no fragment. */
export function pathOption(text: string): string {
  if (/^\/(?![/\\])[^\s#\\]*$/.test(text)) return text
  throw new InvalidArgumentError('Use a path such as /users/me.')
}

/** Parses the scopes of an app. */
export const scopesOption = createNamesOption(scopeNames())

function createNamesOption<Name extends string>(names: readonly Name[]) {
  const parse = (text: string, former?: readonly Name[]): Name[] =>
    listOption(text, former).map((given) => {
      const name = names.find((known) => known === given)
      if (name === undefined) throw new InvalidArgumentError(`"${given}" is not one of ${names.join(', ')}.`)
      return name
    })
  return tagParser(parse, { names, isList: true })
}

/** Creates a parser of whole numbers within bounds. */
export const integerOption =
  (least: number, most: number) =>
  (text: string): number => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw new InvalidArgumentError(`Use a whole number from ${least} to ${most}.`)
  }

function toInvalidArgument<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof Failure) throw new InvalidArgumentError(error.message)
    throw error
  }
}
