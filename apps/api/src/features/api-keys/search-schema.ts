import { isKey } from '@daytona-auth/auth'
import { API_KEY_SORTS, type ApiKeyCounts, EXPIRING_DAYS, UNUSED_DAYS } from '@daytona-auth/db/api-keys'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { boundedText } from '@daytona-auth/service'
import * as z from 'zod'
import { pageQuery } from '../../http/list-pages.ts'
import { GivenId, PermissionName } from '../../http/schemas.ts'

const STATUSES = ['active', 'expiring', 'unused', 'expired', 'revoked', 'all'] as const

/** Each order, and reversed by a leading `-`. */
const SORTS = API_KEY_SORTS.flatMap((name) => [name, `-${name}`] as const)

const oneOf = (values: readonly string[]) => ({ error: `must be one of ${values.join(', ')}` })

/** More words of a search would each read every key once more. */
const MAX_WORDS = 8
const MAX_QUERY = 256

/** The words of a search. */
export const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')

const SearchText = boundedText({ max: MAX_QUERY })
  .overwrite((text) => text.normalize('NFC'))
  .refine((text) => !text.includes('\0') && text.isWellFormed(), 'must not have control characters')
  .refine((text) => wordsOf(text).length <= MAX_WORDS, `must have ${MAX_WORDS} words at most`)
  // It would stand in the logs of every proxy.
  .refine((text) => !wordsOf(text).some(isKey), 'must not be an API key: search for its last 4 characters')

export const ListApiKeysQuery = z.object({
  q: SearchText.optional().describe(
    `Words that a key must match, each in its name, in its owner’s name or address, in a permission, by its last 4 characters, or as a masked key such as \`${KEY_PREFIX}B2FO…9P8M\``,
  ),
  status: z
    .enum(STATUSES, oneOf(STATUSES))
    .default('active')
    .describe(
      `\`expiring\`: active keys that expire within ${EXPIRING_DAYS} days. \`unused\`: active keys that were created and last used more than ${UNUSED_DAYS} days ago. \`all\` includes expired and revoked keys`,
    ),
  permission: PermissionName.optional().describe(
    'Keys that have this permission, by itself or through `admin:organization`, which includes all',
  ),
  id: GivenId.optional().describe('The key of this id, in the given status'),
  userId: GivenId.optional().describe('Keys of this owner. Another user than you requires `admin:organization`'),
  sort: z
    .enum(SORTS, oneOf(SORTS))
    .default('-createdAt')
    .describe(
      'A leading `-` reverses the order. Keys that do not expire have the latest expiry, unused ones the earliest use',
    ),
  ...pageQuery,
})

/** The cursor's value: a name, microseconds since the epoch, or an infinite instant. */
export const Position = {
  createdAt: z.null(),
  name: z
    .string()
    .max(1024)
    .regex(/^[^\0]*$/),
  expiresAt: z.string().regex(/^(\d{1,18}|-?infinity)$/),
  lastUsedAt: z.string().regex(/^(\d{1,18}|-?infinity)$/),
} as const satisfies Record<(typeof API_KEY_SORTS)[number], z.ZodType>

export const SummaryPath = z.object({ organizationId: GivenId })

/** Past it, a number stands for more. Counting more rows would cost more than a page of the list. */
export const MOST_COUNTED = 1000

const Count = (what: string) => z.int().describe(what)

export const ApiKeySummary = z
  .object({
    active: Count(`The number of active keys, up to ${MOST_COUNTED} as all of these numbers`),
    expiring: Count(`Those that expire within ${EXPIRING_DAYS} days: \`status=expiring\``),
    unused: Count(`Those created and last used more than ${UNUSED_DAYS} days ago: \`status=unused\``),
    administration: Count('Those with full administration: `permission=admin:organization`'),
  })
  .meta({ id: 'ApiKeySummary' })

export const summaryToWire = ({
  active,
  expiring,
  unused,
  administration,
}: ApiKeyCounts): z.output<typeof ApiKeySummary> => ({
  active,
  expiring,
  unused,
  administration,
})
