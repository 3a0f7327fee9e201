import type { Position } from '@daytona-auth/db'
import { badRequest } from '@daytona-auth/service'
import * as z from 'zod'

/** Longer than a cursor that has the longest name. */
const CURSOR_CHARS = 4096

/** The id of a row, of any kind: longer than ours. */
const Id = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\0]*$/)

/** Returns the cursor of the page behind a position: an opaque text, for lists with the same label only. */
export const encodeCursor = <Value>(label: string, { value, id }: Position<Value>): string =>
  Buffer.from(JSON.stringify([label, value, id])).toString('base64url')

/**
 * Returns the position that a cursor names.
 * @throws Refusal 400, with `message`, for a text that `encodeCursor` did not return for this label
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
