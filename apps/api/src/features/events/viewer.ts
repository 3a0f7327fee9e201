import { insufficientScope, isPerson, type OrganizationAccess, type Principal, permits } from '@daytona-auth/auth'
import type { AuditEventRow, FedEvent } from '@daytona-auth/db/audit'
import type { ApiKeyId, UserId } from '@daytona-auth/db/core'
import type { FirstUseNotice } from './schema.ts'

/** Who reads a stream: all events of the organization, those of one's own API keys, or those of an API key about itself. */
export type Viewer =
  | { readonly kind: 'administrator' }
  | { readonly kind: 'owner'; readonly userId: UserId }
  | { readonly kind: 'key'; readonly userId: UserId; readonly keyId: ApiKeyId }

/** @throws Denial 403 for an app without `admin:organization`, which sees no API keys at all */
export function viewerOf(principal: Principal, organization: OrganizationAccess): Viewer {
  if (isAdministrator(organization)) return { kind: 'administrator' }
  const { userId } = principal
  if (principal.kind === 'api-key') return { kind: 'key', userId, keyId: principal.keyId }
  if (isPerson(principal)) return { kind: 'owner', userId }
  throw insufficientScope('admin:organization')
}

/** Whether a reader may still see all that it was allowed to see when its stream began. */
export const isStillEnough = (viewer: Viewer, organization: OrganizationAccess): boolean =>
  viewer.kind !== 'administrator' || isAdministrator(organization)

const isAdministrator = ({ permissions }: OrganizationAccess): boolean => permits(permissions, 'admin:organization')

/** Returns an event as the viewer may see it; undefined if it may not. */
export function eventFor(viewer: Viewer, { event, keyOwnerId }: FedEvent): AuditEventRow | undefined {
  if (viewer.kind === 'administrator') return event
  const isOwn = viewer.kind === 'key' ? event.targetId === viewer.keyId : keyOwnerId === viewer.userId
  if (!isOwn) return undefined
  // Where administrators work from is not for the owners of keys.
  return event.actorId === viewer.userId ? event : { ...event, ipAddress: null, userAgent: null }
}

export const mayViewUse = (viewer: Viewer, { keyId, userId }: FirstUseNotice): boolean =>
  viewer.kind === 'administrator' || (viewer.kind === 'key' ? viewer.keyId === keyId : viewer.userId === userId)
