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
const TERMS: readonly Column<ApiKey>[] = [
  ['Value', ({ value }) => maskedKeyCell(value)],
  ['Permissions', ({ permissions }) => permissions],
  ['Expires', ({ expiresAt }) => instantCell(expiresAt, 'never')],
  ['Last used', ({ lastUsedAt }) => instantCell(lastUsedAt, 'never')],
]

/** Creates the view of a list. A table has status and owner only if they differ, and outcomes only if there is a denial. */
export function createListView(keys: readonly ApiKey[], nameOfUser: NameOfUser): View<ApiKey> {
  const isSame = (of: (key: ApiKey) => string) => new Set(keys.map(of)).size <= 1
  const hasDenial = keys.some(({ lastOutcome }) => lastOutcome === 'denied')
  return {
    columns: [
      NAME,
      ...TERMS,
      ['Last outcome', ({ lastOutcome }) => lastOutcome, { omit: 1, isHidden: !hasDenial }],
      ['Status', ({ status }) => status, { isHidden: isSame(({ status }) => status) }],
      ['Owner', ({ userId }) => nameOfUser(userId), { isHidden: isSame(({ userId }) => userId) }],
      ['Description', ({ description }) => description, { isHidden: true }],
    ],
    value: ({ name }) => name,
  }
}

/** One key with all its details. */
export const SHOWN: View<ApiKey> = {
  columns: [
    NAME,
    ['Description', ({ description }) => description],
    ['Status', ({ status }) => status],
    ...TERMS,
    ['Last seen', ({ lastSeenAt }) => instantCell(lastSeenAt, 'never')],
    ['From', ({ lastSeenIp }) => lastSeenIp ?? '-'],
    ['Last outcome', ({ lastOutcome }) => lastOutcome],
    ['Last denied for', ({ lastDenialReason }) => lastDenialReason ?? '-'],
    ['Rotated out', ({ previousSecrets }) => previousSecrets.map(replaced)],
    ['ID', ({ id }) => id],
    ['Owner', ({ userId }) => userId],
    ['Created', ({ createdAt }) => instantCell(createdAt)],
    ['Organizations', ({ organizationIds }) => organizationIds],
  ],
  value: ({ value }) => value,
}

const replaced = ({ value, expiresAt }: ApiKey['previousSecrets'][number]) =>
  `${value} until ${formatInstant(expiresAt)}`

export const remindToStore = ({ output }: CommandContext): void =>
  output.note('Keep the value now: it is not shown again.')
