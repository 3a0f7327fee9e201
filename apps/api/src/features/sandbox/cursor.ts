import { isSandboxPosition, type SandboxPage, type SandboxSort } from '@daytona-auth/db'
import { badRequest } from '@daytona-auth/service'
import * as z from 'zod'

const Cursor = z.tuple([z.string(), z.string(), z.string()])

/** Where a page ended, as an opaque text: it is good for the same sort only. */
export const encodeCursor = (sort: SandboxSort, { value, id }: NonNullable<SandboxPage['after']>): string =>
  Buffer.from(JSON.stringify([sort, value, id])).toString('base64url')

/** @throws Refusal 400 for anything that `encodeCursor` did not make for that sort. */
export function decodeCursor(sort: SandboxSort, cursor: string): NonNullable<SandboxPage['after']> {
  const parsed = Cursor.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()))
  if (parsed.success) {
    const [of, value, id] = parsed.data
    if (of === sort && isSandboxPosition(sort, value)) return { value, id }
  }
  const message = 'is not the nextCursor of a page with the same sort'
  throw badRequest(`cursor: ${message}`, [{ path: 'cursor', message }], 'invalid_cursor')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
