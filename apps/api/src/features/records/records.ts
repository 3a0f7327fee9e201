import { type AuditAction, type AuditedTx, type AuditMetadata, auditEntry, inAudit } from '@daytona-auth/db/audit'
import type { Database, OrganizationId } from '@daytona-auth/db/core'
import { conflict, type Missing, notFound } from '@daytona-auth/service'
import type { CallerInOrganization } from '../../http/caller.ts'

/** The kinds of resource that organizations have records of. */
type Kind = 'sandbox' | 'snapshot' | 'volume' | 'registry'

const MISSING = {
  sandbox: 'Sandbox',
  snapshot: 'Snapshot',
  volume: 'Volume',
  registry: 'Registry',
} as const satisfies Record<Kind, Missing>

const CREATE = {
  sandbox: 'sandbox.create',
  snapshot: 'snapshot.create',
  volume: 'volume.create',
  registry: 'registry.create',
} as const satisfies Record<Kind, AuditAction>

type RecordAction = AuditAction & `${Kind}.${string}`

interface Named {
  readonly id: string
  readonly name: string
}

/** The metadata of an action that has the name of its record and no more. */
export const nameOf = ({ name }: Named): { readonly name: string } => ({ name })

/** A statement that changes one record of the organization. */
type Statement<Result> = (tx: AuditedTx, organizationId: OrganizationId) => Promise<Result>

export interface Change<Action extends RecordAction> {
  readonly action: Action
  readonly statusCode?: number
  /** Returns the metadata of the audit event. Most actions have `nameOf`. */
  readonly metadata: (record: Named) => AuditMetadata<Action>
}

/** Returns functions that create and change records of one kind, each with its audit event. */
export function auditedRecords(database: Database, kind: Kind) {
  const eventOf = <Action extends RecordAction>(
    { actor, organization: { organizationId } }: CallerInOrganization,
    { action, statusCode = 200, metadata }: Change<Action>,
    record: Named,
  ) => {
    const facts = { ...actor, organizationId, targetId: record.id, statusCode }
    return auditEntry(action, { ...facts, metadata: metadata(record) })
  }

  return {
    /** Creates a record. @throws Denial 409 if `insert` returns none: the name is taken */
    create<Row>(
      caller: CallerInOrganization,
      { statusCode = 200, ...named }: Named & { readonly statusCode?: number },
      insert: Statement<Row | undefined>,
    ): Promise<Row> {
      const entry = eventOf(caller, { action: CREATE[kind], statusCode, metadata: nameOf }, named)
      return inAudit(database, caller.authority('use'), entry, async (tx) => {
        const row = await insert(tx, caller.organization.organizationId)
        if (row === undefined) throw nameTaken(kind)
        return row
      })
    },

    /** Changes a record. @throws Denial 404 if `statement` finds none */
    change<Row extends Named, Action extends RecordAction>(
      caller: CallerInOrganization,
      change: Change<Action>,
      statement: Statement<Row | undefined>,
    ): Promise<Row> {
      return inAudit(
        database,
        caller.authority('use'),
        (row) => eventOf(caller, change, row),
        async (tx) => requireFound(kind, await statement(tx, caller.organization.organizationId)),
      )
    },
  }
}

/** Returns the row. @throws Denial 404 if there is none */
export function requireFound<Row>(kind: Kind, row: Row | undefined): Row {
  if (row === undefined) throw notFound(MISSING[kind])
  return row
}

/** Creates the 409 for a taken name. */
export const nameTaken = (kind: Kind) =>
  conflict('resource_name_taken', `A ${kind} of that name exists already: choose another name`)
