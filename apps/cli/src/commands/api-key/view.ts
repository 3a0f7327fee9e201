import type { ApiKey, IssuedApiKey } from '@daytona-auth/sdk'
import type { Call } from '../../cli.ts'
import { type Column, instant, type View } from '../../view.ts'

/** A key that was made just now: the only view with a secret in it. */
export const ISSUED: View<IssuedApiKey> = {
  columns: [
    ['Name', ({ name }) => name],
    ['Value', ({ value }) => value],
    ['Permissions', ({ permissions }) => permissions],
    ['Expires', ({ expiresAt }) => instant(expiresAt, 'never')],
  ],
  value: ({ value }) => value,
}

const NAME: Column<ApiKey> = ['Name', ({ name }) => name]
const STATUS: Column<ApiKey> = ['Status', ({ status }) => status]
const OWNER: Column<ApiKey> = ['Owner', ({ userId }) => userId]
const TERMS: readonly Column<ApiKey>[] = [
  ['Value', ({ value }) => value],
  ['Permissions', ({ permissions }) => permissions],
  ['Expires', ({ expiresAt }) => instant(expiresAt, 'never')],
  ['Last used', ({ lastUsedAt }) => instant(lastUsedAt, 'never')],
]

/** Keys in a list, with what tells them apart. */
export function listed(keys: readonly ApiKey[]): View<ApiKey> {
  const differ = (of: (key: ApiKey) => string) => new Set(keys.map(of)).size > 1
  return {
    columns: [
      NAME,
      ...TERMS,
      ...(differ(({ status }) => status) ? [STATUS] : []),
      ...(differ(({ userId }) => userId) ? [OWNER] : []),
    ],
    value: ({ name }) => name,
  }
}

/** A key by itself. */
export const SHOWN: View<ApiKey> = {
  columns: [
    NAME,
    STATUS,
    ...TERMS,
    ['Rotated out', ({ previousSecrets }) => previousSecrets.map(replaced)],
    ['ID', ({ id }) => id],
    OWNER,
    ['Created', ({ createdAt }) => instant(createdAt)],
    ['Organizations', ({ organizationIds }) => organizationIds],
  ],
  value: ({ value }) => value,
}

const replaced = ({ value, expiresAt }: ApiKey['previousSecrets'][number]) => `${value} until ${instant(expiresAt)}`

export const keepIt = ({ output }: Call): void => output.note('Keep the value now: it is not shown again.')
