import { UsageError } from './failure.ts'
import { parseServerUrl } from './server-url.ts'

// By itself, since the command table needs it: what a command does is loaded when it is called.

const PROFILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** The name, if it may name a profile. */
export function profileName(text: string): string {
  if (PROFILE_NAME.test(text)) return text
  throw new UsageError(`"${text}" is no name for a profile: letters, digits, dots, dashes and underscores, 64 at most.`)
}

/** The address, in its one spelling. */
export function serverUrl(text: string, what: string): string {
  const parsed = parseServerUrl(text)
  if ('url' in parsed) return parsed.url
  throw new UsageError(`${what} is no address of a server: ${parsed.fault}.`)
}
