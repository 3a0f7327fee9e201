import { isSandboxPosition, type SandboxPage, type SandboxSort } from '@daytona-auth/db'
import * as z from 'zod'
import * as cursors from '../../http/cursor.ts'

type Position = NonNullable<SandboxPage['after']>

/** Where a page ended, as an opaque text: it is good for the same sort only. */
export const encodeCursor = (sort: SandboxSort, position: Position): string => cursors.encodeCursor(sort, position)

/** @throws Refusal 400 for anything that `encodeCursor` did not make for that sort. */
export const decodeCursor = (sort: SandboxSort, cursor: string): Position =>
  cursors.decodeCursor(
    sort,
    cursor,
    z.string().refine((value) => isSandboxPosition(sort, value)),
    'is not the nextCursor of a page with the same sort',
  )
