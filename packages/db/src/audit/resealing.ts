import type { Database } from '../core/client.ts'
import type { OrganizationId } from '../core/id.ts'
import { SCHEDULED_TASK } from './authority.ts'
import { type AuditedTx, auditEntry, DEPLOYMENT, inAudit } from './entries.ts'

/** Rows that one transaction locks: a change of one of them waits for milliseconds. */
const RESEALED_AT_ONCE = 50

/** How the secrets of one table are replaced. `Row` is a row with its encrypted secret. */
export interface SealedRows<Row extends { readonly id: string; readonly organizationId: OrganizationId }> {
  readonly action: 'registry.reencrypt' | 'identity_provider.reencrypt'
  /** Locks up to `limit` rows after an id, or the first ones, in the order of their ids. */
  lock(tx: AuditedTx, after: Row['id'] | undefined, limit: number): Promise<readonly Row[]>
  /** Replaces the encrypted secret of a locked row. */
  replace(tx: AuditedTx, id: Row['id'], sealed: string): Promise<unknown>
}

/**
 * Replaces the encrypted secret of each row by what `reseal` returns, unless that is `undefined`, with an event for each in
 * the trail of the deployment. Each step is a transaction that locks its rows, so that a concurrent change is never lost.
 * @returns the number of replaced secrets
 */
export async function resealRows<Row extends { readonly id: string; readonly organizationId: OrganizationId }>(
  db: Database,
  { action, lock, replace }: SealedRows<Row>,
  reseal: (row: Row) => Promise<string | undefined>,
  source: string,
): Promise<number> {
  let count = 0
  let after: Row['id'] | undefined
  do {
    const step: { readonly resealed: readonly Row[]; readonly last: Row['id'] | undefined } = await inAudit(
      db,
      SCHEDULED_TASK,
      ({ resealed }: { readonly resealed: readonly Row[] }) =>
        resealed.map(({ id, organizationId }) =>
          auditEntry(action, {
            organizationId: DEPLOYMENT,
            actorId: null,
            actorEmail: null,
            source,
            targetId: id,
            metadata: { organizationId },
          }),
        ),
      async (tx) => {
        const rows = await lock(tx, after, RESEALED_AT_ONCE)
        const resealed: Row[] = []
        for (const row of rows) {
          const sealed = await reseal(row)
          if (sealed === undefined) continue
          await replace(tx, row.id, sealed)
          resealed.push(row)
        }
        return { resealed, last: rows.at(-1)?.id }
      },
    )
    count += step.resealed.length
    after = step.last
  } while (after !== undefined)
  return count
}
