import { migrationShape } from '@daytona-auth/configuration/migration'
import { type Variable, variablesOf } from '@daytona-auth/service'
import { type Of, variablesFor } from './variables.ts'

export const BEGIN = '<!-- configuration:begin -->'
export const END = '<!-- configuration:end -->'

/** Replaces the reference of every variable between the two markers of `document`. @throws if a marker is missing */
export function withReference(document: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)]
  if (begin === -1 || end < begin) throw new Error(`the document has no ${BEGIN} with ${END} behind it`)
  return `${document.slice(0, begin + BEGIN.length)}\n\n${configurationReference()}\n${document.slice(end)}`
}

/** Returns the reference of every variable of every server, as Markdown. */
export function configurationReference(): string {
  const variables = variablesFor(['api', 'oidc'])
  const of = (...servers: string[]) => variables.filter((variable) => variable.servers.join() === servers.join())
  return [
    section(
      'Both servers',
      '`DATABASE_URL` and `ISSUER` are the same for the API and the provider.',
      of('api', 'oidc'),
    ),
    section('The API', undefined, of('api')),
    section('The provider', undefined, of('oidc')),
    section(
      '`daytona-auth migrate`',
      'It reads `DATABASE_URL` and `DATABASE_WAIT`, there the URL of the owner of the database, and these.',
      variablesOf(migrationShape).map((variable) => ({ ...variable, servers: [] })),
    ),
    section(
      'Standalone',
      'It reads the variables of both servers, but for those that it decides itself, and these.',
      variablesFor(['standalone']),
    ),
  ].join('\n')
}

function section(title: string, introduction: string | undefined, variables: readonly Of<Variable>[]): string {
  const lines = variables.map(
    (variable) => `| \`${variable.name}\` | ${standardOf(variable)} | ${meaningOf(variable)} |`,
  )
  return [
    `### ${title}\n`,
    ...(introduction === undefined ? [] : [`${introduction}\n`]),
    '| variable | default | means |',
    '| --- | --- | --- |',
    ...lines,
    '',
  ].join('\n')
}

function standardOf({ default: standard, fallback, isRequired }: Variable): string {
  if (standard !== undefined) return `\`${standard}\``
  if (fallback !== undefined) return fallback
  return isRequired ? '**required**' : '–'
}

const meaningOf = ({ meaning, secret }: Variable): string =>
  `${secret === undefined ? '' : 'Secret. '}${meaning}`.replaceAll('|', '\\|')
