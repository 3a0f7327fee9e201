import type { ApiKeyId, OrganizationId, UserId } from './id.ts'

/** The channel of what event streams send. Its notifications invalidate nothing. */
export const EVENT_CHANNEL = 'daytona_auth_events'

/** The trail of an organization has new events, or a secret of a key was used for the first time. */
export type EventNotice =
  | { readonly kind: 'audit'; readonly organizationId: OrganizationId }
  | {
      readonly kind: 'first-use'
      readonly organizationId: OrganizationId
      readonly keyId: ApiKeyId
      readonly userId: UserId
      readonly usedAt: Date
    }

/** Parses a payload, as the trigger `notify_audit` and `recordUsage` write it; undefined for one of a later release. */
export function parseEventNotice(payload: string): EventNotice | undefined {
  const [kind, organization = '', key = '', user = '', usedAt = ''] = payload.split(':')
  // The database wrote the ids.
  const organizationId = organization as OrganizationId
  if (kind === 'audit') return { kind, organizationId }
  if (kind !== 'first-use') return undefined
  return { kind, organizationId, keyId: key as ApiKeyId, userId: user as UserId, usedAt: new Date(Number(usedAt)) }
}
