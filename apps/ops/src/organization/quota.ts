import { type AuditEntry, type AuditedTx, auditEntry, inAudit, OPERATOR_COMMAND } from '@daytona-auth/db/audit'
import type { OrganizationId } from '@daytona-auth/db/core'
import { findOrganization, listQuotas, lockForQuota, removeQuota, setQuota } from '@daytona-auth/db/organizations'
import { countedResource, type QuotaResource } from '@daytona-auth/protocol/quotas'
import type { Environment } from '@daytona-auth/service'
import { loadDatabaseConfig } from '../config.ts'
import { withDatabase } from '../database.ts'
import { NegativeResult } from '../negative-result.ts'
import type { Output } from '../output.ts'
import { OPERATOR, withReason } from '../user/operator.ts'

export interface QuotaChange {
  readonly resource: QuotaResource
  /** Recorded in the audit trail. */
  readonly reason?: string | undefined
}

/** Prints the quotas of an organization. @throws NegativeResult if it does not exist */
export async function listOrganizationQuotas(env: Environment, output: Output, id: string): Promise<void> {
  const organizationId = organizationIdOf(id)
  const quotas = await withDatabase(loadDatabaseConfig(env), output, async (database) => {
    if (!(await findOrganization(database, organizationId))) throw unknownOrganization(id)
    return listQuotas(database, organizationId)
  })
  const lines = quotas.map(
    ({ resource, maximum, used }) =>
      `${resource}  ${used.toLocaleString('en')} of ${countedResource(resource, maximum)}`,
  )
  await output.answer({ organizationId, quotas }, lines.join('\n') || `${id} has no quotas`)
}

/** Sets a quota and records it in the trail of the organization. @throws NegativeResult if that does not exist */
export async function setOrganizationQuota(
  env: Environment,
  output: Output,
  id: string,
  { resource, maximum, reason }: QuotaChange & { readonly maximum: number },
): Promise<void> {
  const before = await changeQuota(env, output, id, {
    change: (tx, organizationId) => setQuota(tx, organizationId, resource, maximum),
    entryOf: (before, target) =>
      auditEntry('organization.set_quota', { ...target, metadata: withReason({ resource, before, maximum }, reason) }),
  })
  const tail = before === null ? '' : `, before ${before.toLocaleString('en')}`
  await output.answer(
    { organizationId: id, resource, before, maximum },
    `${id} may have ${countedResource(resource, maximum)}${tail}`,
  )
}

/** Removes a quota and records it. @throws NegativeResult if there is none */
export async function removeOrganizationQuota(
  env: Environment,
  output: Output,
  id: string,
  { resource, reason }: QuotaChange,
): Promise<void> {
  const before = await changeQuota(env, output, id, {
    async change(tx, organizationId) {
      const removed = await removeQuota(tx, organizationId, resource)
      if (removed === null) throw new NegativeResult(`${id} has no quota of ${resource}: nothing was changed`)
      return removed
    },
    entryOf: (before, target) =>
      auditEntry('organization.remove_quota', { ...target, metadata: withReason({ resource, before }, reason) }),
  })
  await output.answer(
    { organizationId: id, resource, before },
    `removed the quota of ${countedResource(resource, before)} of ${id}`,
  )
}

interface AuditedChange<Before> {
  readonly change: (tx: AuditedTx, organizationId: OrganizationId) => Promise<Before>
  readonly entryOf: (before: Before, target: typeof OPERATOR & OrganizationTarget) => AuditEntry
}

interface OrganizationTarget {
  readonly organizationId: OrganizationId
  readonly targetId: OrganizationId
}

function changeQuota<Before>(
  env: Environment,
  output: Output,
  id: string,
  { change, entryOf }: AuditedChange<Before>,
): Promise<Before> {
  const organizationId = organizationIdOf(id)
  return withDatabase(loadDatabaseConfig(env), output, (database) =>
    inAudit<Before>(
      database,
      OPERATOR_COMMAND,
      (before) => entryOf(before, { ...OPERATOR, organizationId, targetId: organizationId }),
      async (tx) => {
        if (!(await lockForQuota(tx, organizationId))) throw unknownOrganization(id)
        return change(tx, organizationId)
      },
    ),
  )
}

/** Longer than any id. */
const MAX_ID = 128

const organizationIdOf = (id: string): OrganizationId => id.slice(0, MAX_ID) as OrganizationId // any text may be looked up

const unknownOrganization = (id: string) =>
  new NegativeResult(`there is no organization ${JSON.stringify(id.slice(0, MAX_ID))}`)
