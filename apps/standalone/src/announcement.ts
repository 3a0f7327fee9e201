import type { Credentials } from './credentials.ts'
import type { Outcome } from './first-run.ts'

/** What there is to say to the person who started us, besides that we are ready. */
export interface Situation {
  readonly outcome: Outcome
  readonly credentialsFile: string
  /** The data directory. */
  readonly dataPath: string
  /** Where PostgreSQL's data really are; undefined with a database of the operator's. */
  readonly databasePath: string | undefined
  /** Secrets are shown to eyes only, and once. */
  readonly isTerminal: boolean
  /** Where this machine reaches us. */
  readonly origin: string
}

/** The lines to print. The last one says that requests are answered from now on. */
export function announcement(situation: Situation): string {
  return [...placesOf(situation), ...credentialsOf(situation), `ready on ${situation.origin}`, ''].join('\n')
}

function placesOf({ dataPath, databasePath }: Situation): string[] {
  if (databasePath === undefined) return [`data in ${dataPath}, and in the database of DATABASE_URL`]
  if (databasePath.startsWith(dataPath)) return [`data in ${dataPath}`]
  return [`data in ${dataPath}; PostgreSQL’s, as it does not run as root, in ${databasePath}`]
}

function credentialsOf({ outcome, credentialsFile, isTerminal, origin }: Situation): string[] {
  if (outcome.kind === 'foreign') return ['the database was set up elsewhere: its first credentials are there']
  if (outcome.kind === 'known' || !isTerminal) return [`first account and key in ${credentialsFile}`]
  return shown(outcome.credentials, credentialsFile, origin)
}

function shown({ user, organizationId, apiKey }: Credentials, file: string, origin: string): string[] {
  return [
    '',
    'The first account and key, shown this once; they are also in',
    `${file}, which only you can read.`,
    '',
    `  email         ${user.email}`,
    `  password      ${user.password}`,
    `  organization  ${organizationId}`,
    `  API key       ${apiKey}`,
    '',
    'Create a key that may read sandboxes, use it, and see it refused where it may not write:',
    '',
    ...curlLines(apiKey, origin),
    '',
  ]
}

/** Three lines for a POSIX shell, to be pasted one after the other, again and again. */
export const curlLines = (apiKey: string, origin: string): string[] => [
  `KEY=$(curl -s ${origin}/api-keys -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' -d '{"name":"reader-'$(date +%s)'","permissions":["read:sandboxes"]}' | sed 's/.*"value":"\\([^"]*\\)".*/\\1/'); echo $KEY`,
  `curl ${origin}/sandbox -H "Authorization: Bearer $KEY"`,
  `curl ${origin}/sandbox -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{"alias":"my-first"}'`,
]
