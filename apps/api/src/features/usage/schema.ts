import type { LastUseWithRoute, UsageBucket, UsageTotal } from '@daytona-auth/db/api-keys'
import * as z from 'zod'
import { pageQuery } from '../../http/list-pages.ts'
import { GivenId, GivenInstant, Instant, instant, instantOrNull, Reference } from '../../http/schemas.ts'

const span = {
  from: GivenInstant.optional().describe('An instant in the first hour or day'),
  to: GivenInstant.optional().describe('The end, exclusive. Default: now'),
}

export const UsageQuery = z.object({
  ...span,
  granularity: z
    .enum(['hour', 'day'], { error: 'must be hour or day' })
    .optional()
    .describe('Default: hours if they are kept for the whole span, otherwise days'),
  userId: GivenId.optional().describe('The owner of the key. Default: you. Another user requires `admin:organization`'),
})

export const TotalsQuery = z.object({ ...span, ...pageQuery })

/** The name of a key in a path. Only creation validates names: an impossible name is simply not found. */
export const UsagePath = z.object({ name: Reference })

export const TotalsPath = z.object({ organizationId: GivenId })

const counts = { allowed: z.int(), denied: z.int() }
const lastUse = { lastUsedAt: Instant.nullable(), lastUsedIp: z.string().nullable() }

export const ApiKeyUsage = z
  .object({
    buckets: z
      .array(
        z.object({
          start: Instant,
          ...counts,
          deniedBy: z
            .array(
              z.object({
                reason: z.string().describe('As in the audit trail, or `other`'),
                count: z.int().describe('The number of requests'),
              }),
            )
            .describe(
              'The denied requests by their reason, such as `expired` or `lacks write:sandboxes`, the most frequent first. Older ones are in no reason',
            ),
        }),
      )
      .describe('Oldest first, in hours or days of UTC. Those without a request are omitted'),
    ...lastUse,
    lastUsedRoute: z
      .string()
      .nullable()
      .describe('The route of the last allowed request, such as `GET /sandbox`. Null wherever the address is'),
  })
  .meta({ id: 'ApiKeyUsage' })

export const ApiKeyUsageTotals = z
  .object({
    from: Instant,
    to: Instant,
    ...counts,
    items: z
      .array(
        z.object({
          id: z.string(),
          name: z.string(),
          userId: z.string(),
          status: z.enum(['active', 'expired', 'revoked']),
          ...counts,
          ...lastUse,
        }),
      )
      .describe('A page of the keys, most used first. Expired and revoked keys are listed if they were used'),
  })
  .meta({ id: 'ApiKeyUsageTotals' })

export function usageToWire(buckets: readonly UsageBucket[], last: LastUseWithRoute): z.output<typeof ApiKeyUsage> {
  return {
    buckets: buckets.map(({ start, allowed, denied, deniedBy }) => ({
      start: instant(start),
      allowed,
      denied,
      deniedBy: [...deniedBy],
    })),
    lastUsedAt: instantOrNull(last.lastUsedAt),
    lastUsedIp: last.lastUsedIp,
    lastUsedRoute: last.lastUsedRoute,
  }
}

export function totalToWire(row: UsageTotal): z.output<typeof ApiKeyUsageTotals>['items'][number] {
  const { id, name, userId, status, allowed, denied, lastUsedIp } = row
  return { id, name, userId, status, allowed, denied, lastUsedAt: instantOrNull(row.lastUsedAt), lastUsedIp }
}
