import type { ApiKey, IssuedApiKey } from '@daytona-auth/sdk'
import type { CommandContext } from '../../command-context.ts'
import { type Column, formatInstant, instantCell, maskedKeyCell, type View } from '../../view.ts'

/** A newly issued key: the only view with a secret. */
export const ISSUED: View<IssuedApiKey> = {
  columns: [
    ['Name', ({ name }) => name],
    ['Value', ({ value }) => value],
    ['Permissions', ({ permissions }) => permissions],
    ['Expires', ({ expiresAt }) => instantCell(expiresAt, 'never')],
  ],
  value: ({ value }) => value,
}

const NAME: Column<ApiKey> = ['Name', ({ name }) => name]
const STATUS: Column<ApiKey> = ['Status', ({ status }) => status]
const OWNER: Column<ApiKey> = ['Owner', ({ userId }) => userId]
const TERMS: readonly Column<ApiKey>[] = [
  ['Value', ({ value }) => maskedKeyCell(value)],
  ['Permissions', ({ permissions }) => permissions],
  ['Expires', ({ expiresAt }) => instantCell(expiresAt, 'never')],
  ['Last used', ({ lastUsedAt }) => instantCell(lastUsedAt, 'never')],
]

/** Creates the view of a list. Status and owner are columns only if they differ. */
export function createListView(keys: readonly ApiKey[]): View<ApiKey> {
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

/** One key with all its details. */
export const SHOWN: View<ApiKey> = {
  columns: [
    NAME,
    STATUS,
    ...TERMS,
    ['Rotated out', ({ previousSecrets }) => previousSecrets.map(replaced)],
    ['ID', ({ id }) => id],
    OWNER,
    ['Created', ({ createdAt }) => instantCell(createdAt)],
    ['Organizations', ({ organizationIds }) => organizationIds],
  ],
  value: ({ value }) => value,
}

const replaced = ({ value, expiresAt }: ApiKey['previousSecrets'][number]) =>
  `${value} until ${formatInstant(expiresAt)}`

export const remindToStore = ({ output }: CommandContext): void =>
  output.note('Keep the value now: it is not shown again.')
