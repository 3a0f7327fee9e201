import type { Credentials } from './credentials.ts'
import type { Outcome } from './first-run.ts'

/** The facts that the announcement of a completed start is made of. */
export interface StartSummary {
  readonly outcome: Outcome
  readonly credentialsFile: string
  /** The data directory. */
  readonly dataPath: string
  /** The resolved directory of PostgreSQL's data; undefined with an operator's database. */
  readonly databasePath: string | undefined
  /** Whether standard output is a terminal: secrets are shown nowhere else, and only at the first start. */
  readonly isTerminal: boolean
  /** The origin at which this machine reaches the API. */
  readonly origin: string
}

/** Formats the lines to print. The last one states that the API accepts requests. */
export function formatAnnouncement(summary: StartSummary): string {
  return [...describeLocations(summary), ...describeCredentials(summary), `ready on ${summary.origin}`, ''].join('\n')
}

function describeLocations({ dataPath, databasePath }: StartSummary): string[] {
  if (databasePath === undefined) return [`data in ${dataPath}, and in the database of DATABASE_URL`]
  if (databasePath.startsWith(dataPath)) return [`data in ${dataPath}`]
  return [`data in ${dataPath}; PostgreSQL’s data in ${databasePath}, because it does not run as root`]
}

function describeCredentials({ outcome, credentialsFile, isTerminal, origin }: StartSummary): string[] {
  if (outcome.kind === 'foreign') {
    return ['the database was set up by another installation: its credentials are in the data directory of that one']
  }
  if (outcome.kind === 'existing' || !isTerminal) return [`first account and key in ${credentialsFile}`]
  return formatCredentials(outcome.credentials, credentialsFile, origin)
}

function formatCredentials({ user, organizationId, apiKey }: Credentials, file: string, origin: string): string[] {
  return [
    '',
    'Your first account and API key. They are shown only once; they are also in',
    `${file}, which only you can read.`,
    '',
    `  email         ${user.email}`,
    `  password      ${user.password}`,
    `  organization  ${organizationId}`,
    `  API key       ${apiKey}`,
    '',
    'Create a key that may read sandboxes, use it, and see a write refused:',
    '',
    ...formatCurlLines(apiKey, origin),
    '',
  ]
}

/** Formats three lines for a POSIX shell, to be pasted in this order and as often as wanted. */
export const formatCurlLines = (apiKey: string, origin: string): string[] => [
  `KEY=$(curl -s ${origin}/api-keys -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' -d '{"name":"reader-'$(date +%s)'","permissions":["read:sandboxes"]}' | sed 's/.*"value":"\\([^"]*\\)".*/\\1/'); echo $KEY`,
  `curl ${origin}/sandbox -H "Authorization: Bearer $KEY"`,
  `curl ${origin}/sandbox -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{"alias":"my-first"}'`,
]
