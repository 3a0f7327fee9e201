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

/**
 * Decodes a cursor to its position.
 * @throws Denial 400 with `message` unless `encodeCursor` returned the text for this label
 */
export function decodeCursor<Value>(
  label: string,
  cursor: string,
  value: z.ZodType<Value>,
  message: string,
): Position<Value> {
  if (cursor.length <= CURSOR_CHARS) {
    const parsed = z.tuple([z.literal(label), value, Id]).safeParse(parseJson(cursor))
    if (parsed.success) return { value: parsed.data[1], id: parsed.data[2] }
  }
  throw badRequest(`cursor: ${message}`, [{ path: 'cursor', message }], 'invalid_cursor')
}

function parseJson(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
