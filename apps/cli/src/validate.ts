import { UsageError } from './failure.ts'
import { parseServerUrl } from './server-url.ts'

// Apart from the parsers of options, so that the code of commands does not import commander.

const PROFILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** Returns the name. @throws UsageError unless it can name a profile */
export function requireProfileName(text: string): string {
  if (PROFILE_NAME.test(text)) return text
  throw new UsageError(
    `"${text}" is not a profile name: use letters, digits, dots, dashes and underscores, at most 64.`,
  )
}

/** Returns the normalized URL. @throws UsageError unless it is a server's */
export function requireServerUrl(text: string, what: string): string {
  const parsed = parseServerUrl(text)
  if ('url' in parsed) return parsed.url
  throw new UsageError(`${what} is not a server URL: ${parsed.fault}.`)
}
