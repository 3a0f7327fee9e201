import { and, type Column, eq, type SQL } from 'drizzle-orm'
import { isId, type newId, type OrganizationId } from '../core/id.ts'

/** The columns of every record of an organization. */
interface RecordColumns {
  readonly id: Column
  readonly organizationId: Column
  readonly name: Column
}

/**
 * Selects the organization's record with this id or name. A text in the format of an id is always an id. Otherwise a record
 * could be given the id of another one as its name, and be found instead of it.
 */
export const hasIdOrName = (
  table: RecordColumns,
  prefix: Parameters<typeof newId>[0],
  organizationId: OrganizationId,
  idOrName: string,
): SQL | undefined =>
  and(eq(table.organizationId, organizationId), eq(isId(prefix, idOrName) ? table.id : table.name, idOrName))
