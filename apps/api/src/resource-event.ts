import type { AuditEntry } from '@daytona-auth/db'
import type { CallerInOrganization } from './caller.ts'

/** What happened to a record of the organization's. */
export interface ResourceChange {
  /** `sandbox`. */
  readonly kind: string
  /** `create`: the action is `sandbox.create`. */
  readonly verb: string
  readonly statusCode: number
  readonly more?: Readonly<Record<string, unknown>>
}

/** A change of a record, as the organization's audit trail tells it. */
export const resourceEvent = (
  { actor, organization, principal }: CallerInOrganization,
  { kind, verb, statusCode, more }: ResourceChange,
  { id, name }: { readonly id: string; readonly name: string },
): AuditEntry => ({
  ...actor,
  organizationId: organization.organizationId,
  action: `${kind}.${verb}`,
  targetType: kind,
  targetId: id,
  statusCode,
  metadata: {
    name,
    ...more,
    ...(principal.kind === 'api-key' && { keyId: principal.keyId, keyName: principal.keyName }),
  },
})
