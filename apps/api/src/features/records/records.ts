import { type AuditEntry, type AuditedTx, inAudit } from '@daytona-auth/db/audit'
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

interface Named {
  readonly id: string
  readonly name: string
}

/** A statement that changes one record of the organization. */
type Statement<Result> = (tx: AuditedTx, organizationId: OrganizationId) => Promise<Result>

export interface Change {
  /** The second part of the action: `delete` for `sandbox.delete`. */
  readonly verb: string
  readonly statusCode?: number
  /** Additional metadata of the audit event. */
  readonly more?: Readonly<Record<string, unknown>>
}

/** Returns functions that create and change records of one kind, each with its audit event. */
export function auditedRecords(database: Database, kind: Kind) {
  const eventOf = (caller: CallerInOrganization, { verb, statusCode = 200, more }: Change, { id, name }: Named) => {
    const { actor, organization } = caller
    return {
      ...actor,
      organizationId: organization.organizationId,
      action: `${kind}.${verb}`,
      targetType: kind,
      targetId: id,
      statusCode,
      metadata: { name, ...more },
    } satisfies AuditEntry
  }

  return {
    /** Creates a record. @throws Denial 409 if `insert` returns none: the name is taken */
    create<Row>(
      caller: CallerInOrganization,
      { statusCode = 200, ...named }: Named & Pick<Change, 'statusCode'>,
      insert: Statement<Row | undefined>,
    ): Promise<Row> {
      const entry = eventOf(caller, { verb: 'create', statusCode }, named)
      return inAudit(database, caller.authority('use'), entry, async (tx) => {
        const row = await insert(tx, caller.organization.organizationId)
        if (row === undefined) throw nameTaken(kind)
        return row
      })
    },

    /** Changes a record. @throws Denial 404 if `statement` finds none */
    change<Row extends Named>(
      caller: CallerInOrganization,
      change: Change,
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
