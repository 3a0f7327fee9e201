import { InvalidArgumentError } from '@commander-js/extra-typings'
import { PERMISSIONS } from '@daytona-auth/sdk'
import { durationMs } from './duration.ts'
import { Failure } from './failure.ts'
import { IDENTITY_SCOPES } from './identity-scopes.ts'
import { profileName, serverUrl } from './spelling.ts'

const NAMES = Symbol('names')

/** Readers of option values: what they refuse is a wrong command line, exit code 2, before anything is asked. */

export const profileNameOption = (text: string): string => orInvalid(() => profileName(text))

export const serverUrlOption = (text: string): string => orInvalid(() => serverUrl(text, `"${text}"`))

/** The longest time that a timer of Node takes. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Milliseconds that a timer can wait. */
export function timeoutOption(text: string): number {
  const duration = durationOption(text)
  if (duration >= 1 && duration <= MAX_TIMER_MS) return duration
  throw new InvalidArgumentError('Say a time between 1ms and 24d.')
}

/** Milliseconds. */
export function durationOption(text: string): number {
  const duration = durationMs(text)
  if (duration === undefined) throw new InvalidArgumentError('Say a number and its unit, such as 30d, 24h or 90m.')
  return duration
}

/**
 * The name of a key, as the API takes it. Elsewhere than at creation it stands in a path, where some texts mean
 * something else.
 */
export function keyNameOption(text: string): string {
  const name = text.normalize('NFC').trim()
  if (name === '' || [...name].length > 128 || /\p{Cc}/u.test(name)) {
    throw new InvalidArgumentError('A key’s name has 1 to 128 characters, none of them a control character.')
  }
  if (name === '.' || name === '..' || name === 'current') {
    throw new InvalidArgumentError(`No key is called "${name}": it means something in an address.`)
  }
  return name
}

/** What the server calls something by, such as `usr_…`; it stands in a path. */
export const idOption =
  (prefix: string, what: string) =>
  (text: string): string => {
    if (text.startsWith(prefix) && /^[A-Za-z0-9_-]+$/.test(text) && text !== prefix) return text
    throw new InvalidArgumentError(`It is no id of ${what}, such as ${prefix}…`)
  }

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/i
const DAY = /^\d{4}-\d{2}-\d{2}$/

/** RFC 3339, or a day, which begins at midnight UTC; as the API spells it. */
export function instantOption(text: string): string {
  const instant = DAY.test(text) ? `${text}T00:00:00Z` : text
  const day = instant.slice(0, 10)
  // Date.parse takes the 31st of February for the 3rd of March.
  const isInCalendar = INSTANT.test(instant) && dayOf(Date.parse(`${day}T00:00:00Z`)) === day
  const time = isInCalendar ? Date.parse(instant) : Number.NaN
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError('Say an instant such as 2027-12-31T23:59:59Z, or a day such as 2027-12-31.')
  }
  return new Date(time).toISOString()
}

/** When something ends. */
export interface GivenEnd {
  /** RFC 3339. */
  readonly at: string
  /** The day at whose end it is, where a day alone was given. */
  readonly day?: string
}

/** RFC 3339, or a day, which ends at the last moment before midnight in the user's time zone. */
export function endOption(text: string): GivenEnd {
  const at = instantOption(text)
  if (!DAY.test(text)) return { at }
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number)
  return { at: new Date(year, month - 1, day, 23, 59, 59, 999).toISOString(), day: text }
}

const dayOf = (time: number): string => (Number.isNaN(time) ? '' : new Date(time).toISOString().slice(0, 10))

/** `a,b` and repeated options alike, each once. */
export function listOption(text: string, former: readonly string[] = []): string[] {
  const items = text.split(',').map((item) => item.trim())
  if (items.includes('')) throw new InvalidArgumentError('Separate them by single commas.')
  return [...new Set([...former, ...items])]
}

/** Permissions; a name that means none is found before anybody is asked. */
export const permissionsOption = listOfNames(PERMISSIONS)

/** What an app may ask for. */
export const scopesOption = listOfNames([...IDENTITY_SCOPES, ...PERMISSIONS])

function listOfNames<Name extends string>(names: readonly Name[]) {
  const parse = (text: string, former: readonly Name[] = []): Name[] =>
    listOption(text, former).map((given) => {
      const name = names.find((known) => known === given)
      if (name === undefined) throw new InvalidArgumentError(`"${given}" is none of ${names.join(', ')}.`)
      return name
    })
  return Object.assign(parse, { [NAMES]: names })
}

/** Which names a reader of lists knows, if it is one. */
export const namesOf = (parse: unknown): readonly string[] | undefined =>
  typeof parse === 'function' && NAMES in parse ? (parse[NAMES] as readonly string[]) : undefined

/** A whole number, within bounds. */
export const integerOption =
  (least: number, most: number) =>
  (text: string): number => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw new InvalidArgumentError(`Say a whole number from ${least} to ${most}.`)
  }

function orInvalid<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof Failure) throw new InvalidArgumentError(error.message)
    throw error
  }
}
