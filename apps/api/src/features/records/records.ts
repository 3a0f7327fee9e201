import { type AuditEntry, type AuditedTx, type Database, inAudit, type OrganizationId } from '@daytona-auth/db'
import { conflict, type Missing, notFound } from '@daytona-auth/service'
import type { CallerInOrganization } from '../../http/caller.ts'

/** What organizations have records of. */
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

/** What changes one record of the organization's. */
type Statement<Result> = (tx: AuditedTx, organizationId: OrganizationId) => Promise<Result>

export interface Change {
  /** `delete`: the action is `sandbox.delete`. */
  readonly verb: string
  readonly statusCode?: number
  /** What else the audit trail tells. */
  readonly more?: Readonly<Record<string, unknown>>
}

/** How the records of one kind are made, found and changed: each change with its event in the audit trail. */
export function records(database: Database, kind: Kind) {
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
    /** @throws Refusal 409 where `insert` makes none: the name is taken */
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

    /** @throws Refusal 404 where `statement` finds none */
    change<Row extends Named>(
      caller: CallerInOrganization,
      change: Change,
      statement: Statement<Row | undefined>,
    ): Promise<Row> {
      return inAudit(
        database,
        caller.authority('use'),
        (row) => eventOf(caller, change, row),
        async (tx) => found(kind, await statement(tx, caller.organization.organizationId)),
      )
    },
  }
}

/** @throws Refusal 404 where there is none */
export function found<Row>(kind: Kind, row: Row | undefined): Row {
  if (row === undefined) throw notFound(MISSING[kind])
  return row
}

/** 409. */
export const nameTaken = (kind: Kind) =>
  conflict('resource_name_taken', `A ${kind} of that name exists already: choose another name`)
