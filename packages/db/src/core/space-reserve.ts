import { hasCause, SQL_STATE } from '@daytona-auth/service/sql-state'
import type postgres from 'postgres'

/** The name that the database gives a creation's denial while the reserve is released. */
const CONSTRAINT = 'space_reserve'

/** Whether a write failed because the file system of the database is full, not because the reserve is released. */
export const isDiskFullError = (error: unknown): boolean =>
  hasCause(error, ({ code, constraint_name }) => code === SQL_STATE.disk_full && constraint_name !== CONSTRAINT)

/** Whether a creation was refused because the reserve is released. */
export const isReserveReleasedError = (error: unknown): boolean =>
  hasCause(error, ({ code, constraint_name }) => code === SQL_STATE.disk_full && constraint_name === CONSTRAINT)

/**
 * Releases the reserve, so that revocations have space. Creations are refused afterwards. Returns whether it is released:
 * false if it was empty, or if the database cannot release it.
 */
export async function releaseSpaceReserve(sql: postgres.Sql): Promise<boolean> {
  try {
    const [row] = await sql<{ isReleased: boolean }[]>`SELECT release_space_reserve() AS "isReleased"`
    return row?.isReleased === true
  } catch {
    // The caller reports its own error, which says more: the disk is full.
    return false
  }
}
