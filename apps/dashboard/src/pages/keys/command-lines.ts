import { ORGANIZATION_HEADER } from '@daytona-auth/protocol/organization-header'
import type { Permission } from '@daytona-auth/sdk'

export interface KeyRequest {
  readonly name: string
  readonly permissions: readonly Permission[]
  readonly expiresAt: Date | null
  readonly organizationIds: readonly string[]
}

/** Quotes a text for a POSIX shell. */
export const quote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** Formats the command that creates the key. */
export function formatCliLine({ name, permissions, expiresAt, organizationIds }: KeyRequest): string {
  return [
    `daytona api-key create ${quote(name)}`,
    `--permissions ${permissions.join(',')}`,
    ...(expiresAt ? [`--expires-at ${expiresAt.toISOString()}`] : []),
    ...(organizationIds.length > 0 ? [`--organizations ${organizationIds.join(',')}`] : []),
  ].join(' \\\n  ')
}

/** Formats the request that creates the key, with a credential from the environment. */
export function formatCurlLine(
  { name, permissions, expiresAt, organizationIds }: KeyRequest,
  origin: string,
  organizationId: string,
): string {
  const body = {
    name,
    permissions,
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
    ...(organizationIds.length > 0 && { organizationIds }),
  }
  return [
    `curl ${origin}/api-keys`,
    '-H "Authorization: Bearer $DAYTONA_API_KEY"',
    `-H "${ORGANIZATION_HEADER}: ${organizationId}"`,
    '-H "Content-Type: application/json"',
    `-d ${quote(JSON.stringify(body))}`,
  ].join(' \\\n  ')
}

/** Programs that call the API with a key from the environment, in several languages. */
export const usageLines = (origin: string) => [
  {
    title: 'curl',
    lines: [`curl ${origin}/api-keys/current \\`, '  -H "Authorization: Bearer $DAYTONA_API_KEY"'],
  },
  {
    title: 'Python',
    lines: [
      'import os, requests',
      '',
      'response = requests.get(',
      `    "${origin}/api-keys/current",`,
      '    headers={"Authorization": f"Bearer {os.environ[\'DAYTONA_API_KEY\']}"},',
      ')',
      'print(response.json())',
    ],
  },
  {
    title: 'TypeScript',
    lines: [
      "import { DaytonaAuth } from '@daytona-auth/sdk'",
      '',
      `const daytona = new DaytonaAuth({ apiUrl: '${origin}', apiKey: process.env.DAYTONA_API_KEY })`,
      'console.log(await daytona.apiKeys.current())',
    ],
  },
  { title: 'CLI', lines: [`DAYTONA_API_URL=${origin} daytona api-key current`] },
]
