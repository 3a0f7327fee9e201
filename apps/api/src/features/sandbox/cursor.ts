import { isSandboxPosition, type SandboxPage, type SandboxSort } from '@daytona-auth/db/resources'
import * as z from 'zod'
import * as cursors from '../../http/cursor.ts'

type Position = NonNullable<SandboxPage['after']>

/** Encodes the end of a page as an opaque text, valid only for the same sort. */
export const encodeCursor = (sort: SandboxSort, position: Position): string => cursors.encodeCursor(sort, position)

/** Decodes a cursor. @throws Denial 400 unless `encodeCursor` returned it for this sort */
export const decodeCursor = (sort: SandboxSort, cursor: string): Position =>
  cursors.decodeCursor(cursor, {
    label: sort,
    value: z.string().refine((value) => isSandboxPosition(sort, value)),
    message: 'must be the nextCursor of a page with the same sort',
  })
