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
  /** The folder that mails are written to; undefined if they are sent. */
  readonly outboxPath: string | undefined
  /** Whether standard output is a terminal: secrets are shown nowhere else, and only at the first start. */
  readonly isTerminal: boolean
  /** The origin at which this machine reaches the API. */
  readonly origin: string
  readonly dashboardUrl: string
}

/** Formats the lines to print. The last one states that the API accepts requests. */
export function formatAnnouncement(summary: StartSummary): string {
  return [
    ...describeLocations(summary),
    ...(summary.outboxPath === undefined ? [] : [`mails in ${summary.outboxPath}, because SMTP_URL is not set`]),
    ...describeCredentials(summary),
    `dashboard on ${summary.dashboardUrl}`,
    `ready on ${summary.origin}`,
    '',
  ].join('\n')
}

function describeLocations({ dataPath, databasePath }: StartSummary): string[] {
  if (databasePath === undefined) return [`data in ${dataPath}, and in the database of DATABASE_URL`]
  if (databasePath.startsWith(dataPath)) return [`data in ${dataPath}`]
  return [`data in ${dataPath}; PostgreSQL’s data in ${databasePath}, because it does not run as root`]
}

function describeCredentials({ outcome, credentialsFile, isTerminal, dashboardUrl }: StartSummary): string[] {
  if (outcome.kind === 'foreign') {
    return ['the database was set up by another installation: its credentials are in the data directory of that one']
  }
  if (outcome.kind === 'existing' || !isTerminal) return [`first account and key in ${credentialsFile}`]
  return formatCredentials(outcome.credentials, credentialsFile, dashboardUrl)
}

/** The API key stays in the file: who signs in creates keys with fewer permissions. */
function formatCredentials({ user }: Credentials, file: string, dashboardUrl: string): string[] {
  return [
    '',
    `Sign in to ${dashboardUrl} with your first account:`,
    '',
    `  email     ${user.email}`,
    `  password  ${user.password}`,
    '',
    `They are shown only once. ${file}, which only you can read,`,
    'has them too, and an API key with every permission in your organization.',
    '',
  ]
}
