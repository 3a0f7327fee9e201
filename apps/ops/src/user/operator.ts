import type { AuditActor } from '@daytona-auth/db/audit'
import { OPERATIONS } from '../operations.ts'

/** The actor of this command's events: no user. */
export const OPERATOR: AuditActor = { actorId: null, actorEmail: null, source: OPERATIONS }

/** Adds the operator's reason to an event's metadata, if there is one. */
export const withReason = <Metadata extends object>(metadata: Metadata, reason: string | undefined) =>
  reason === undefined ? metadata : { ...metadata, reason }
