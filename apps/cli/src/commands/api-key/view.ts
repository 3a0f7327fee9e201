import type { ApiKey, IssuedApiKey } from '@daytona-auth/sdk'
import type { CommandContext } from '../../command-context.ts'
import { type Column, formatInstant, instantCell, maskedKeyCell, type View } from '../../view.ts'
import type { NameOfUser } from '../member/member-names.ts'

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
const owner = (nameOfUser: NameOfUser): Column<ApiKey> => ['Owner', ({ userId }) => nameOfUser(userId)]
const TERMS: readonly Column<ApiKey>[] = [
  ['Value', ({ value }) => maskedKeyCell(value)],
  ['Permissions', ({ permissions }) => permissions],
  ['Expires', ({ expiresAt }) => instantCell(expiresAt, 'never')],
  ['Last used', ({ lastUsedAt }) => instantCell(lastUsedAt, 'never')],
]

const OUTCOME: Column<ApiKey> = ['Last outcome', ({ lastOutcome }) => lastOutcome ?? '-', { omit: 1 }]

/** Creates the view of a list. Status and owner are columns only if they differ, outcomes only if there is a denial. */
export function createListView(keys: readonly ApiKey[], nameOfUser: NameOfUser): View<ApiKey> {
  return {
    columns: [
      NAME,
      ...TERMS,
      ...(keys.some(({ lastOutcome }) => lastOutcome === 'denied') ? [OUTCOME] : []),
      ...(differ(keys, ({ status }) => status) ? [STATUS] : []),
      ...(haveSeveralOwners(keys) ? [owner(nameOfUser)] : []),
    ],
    value: ({ name }) => name,
  }
}

const differ = (keys: readonly ApiKey[], of: (key: ApiKey) => string) => new Set(keys.map(of)).size > 1

export const haveSeveralOwners = (keys: readonly ApiKey[]): boolean => differ(keys, ({ userId }) => userId)

/** One key with all its details. */
export const SHOWN: View<ApiKey> = {
  columns: [
    NAME,
    STATUS,
    ...TERMS,
    ['Last seen', ({ lastSeenAt }) => instantCell(lastSeenAt, 'never')],
    ['From', ({ lastSeenIp }) => lastSeenIp ?? '-'],
    OUTCOME,
    ['Last denied for', ({ lastDenialReason }) => lastDenialReason ?? '-'],
    ['Rotated out', ({ previousSecrets }) => previousSecrets.map(replaced)],
    ['ID', ({ id }) => id],
    owner((userId) => userId),
    ['Created', ({ createdAt }) => instantCell(createdAt)],
    ['Organizations', ({ organizationIds }) => organizationIds],
  ],
  value: ({ value }) => value,
}

const replaced = ({ value, expiresAt }: ApiKey['previousSecrets'][number]) =>
  `${value} until ${formatInstant(expiresAt)}`

export const remindToStore = ({ output }: CommandContext): void =>
  output.note('Keep the value now: it is not shown again.')
