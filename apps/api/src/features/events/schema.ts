import type { EventNotice } from '@daytona-auth/db/core'
import { boundedText } from '@daytona-auth/service'
import * as z from 'zod'
import { Instant, instant } from '../../http/schemas.ts'

export const EVENT_STREAM = 'text/event-stream; charset=utf-8'

export const EventHeaders = z.object({
  'last-event-id': boundedText({ max: 64 })
    .optional()
    .describe('The `id` of the last event that you received: events after it are sent first'),
})

/** The first use of a secret of an API key, which is no event of the trail. */
export const FirstUse = z
  .object({
    organizationId: z.string().describe('The home organization of the API key'),
    keyId: z.string().describe('Id of the API key'),
    usedAt: Instant.describe('When the request was made'),
  })
  .meta({ id: 'ApiKeyFirstUse' })

export type FirstUseNotice = Extract<EventNotice, { kind: 'first-use' }>

export const firstUseToWire = ({ organizationId, keyId, usedAt }: FirstUseNotice): z.output<typeof FirstUse> => ({
  organizationId,
  keyId,
  usedAt: instant(usedAt),
})
