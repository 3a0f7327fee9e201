import { and, type Column, eq, type SQL } from 'drizzle-orm'
import { isId, type newId, type OrganizationId } from './id.ts'

/** What every record of an organization's has. */
interface RecordColumns {
  readonly id: Column
  readonly organizationId: Column
  readonly name: Column
}

/**
 * The one record of the organization's that is called so: by its id or by its name. A text that could be an id of that
 * kind is one, so that nobody makes another record answer to it by giving that as a name.
 */
export const hasIdOrName = (
  table: RecordColumns,
  prefix: Parameters<typeof newId>[0],
  organizationId: OrganizationId,
  idOrName: string,
): SQL | undefined =>
  and(eq(table.organizationId, organizationId), eq(isId(prefix, idOrName) ? table.id : table.name, idOrName))

/** Whether a statement failed because a name, or whatever else an index keeps unique, is taken. */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === '23505') || isUniqueViolation(error.cause)
}
