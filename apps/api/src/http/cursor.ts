import type { Position } from '@daytona-auth/db/core'
import { badRequest } from '@daytona-auth/service'
import * as z from 'zod'

/** Longer than a cursor with the longest name. */
const CURSOR_CHARS = 4096

/** The id of a row of any kind. The maximum exceeds the length of generated ids. */
const Id = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\0]*$/)

/** Returns the cursor of the page after a position: an opaque text, valid only for lists with the same label. */
export const encodeCursor = <Value>(label: string, { value, id }: Position<Value>): string =>
  Buffer.from(JSON.stringify([label, value, id])).toString('base64url')

export interface CursorRules<Value> {
  readonly label: string
  readonly value: z.ZodType<Value>
  /** The member of the query that has the cursor. */
  readonly member?: string
  /** Says where valid cursors come from. */
  readonly message: string
}

/** Decodes a cursor to its position. @throws Denial 400 unless `encodeCursor` returned the text for this label */
export function decodeCursor<Value>(
  cursor: string,
  { label, value, member = 'cursor', message }: CursorRules<Value>,
): Position<Value> {
  if (cursor.length <= CURSOR_CHARS) {
    const parsed = z.tuple([z.literal(label), value, Id]).safeParse(parseJson(cursor))
    if (parsed.success) return { value: parsed.data[1], id: parsed.data[2] }
  }
  throw badRequest(`${member}: ${message}`, [{ path: member, message }], 'invalid_cursor')
}

function parseJson(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
