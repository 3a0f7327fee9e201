import { isDeepStrictEqual } from 'node:util'

/** An operation of a JSON patch (RFC 6902). */
export interface Operation {
  readonly op: 'add' | 'remove' | 'replace'
  readonly path: string
  readonly value?: unknown
}

/**
 * Returns the JSON patch that turns `from` into `to`. Elements that are appended to a list are appended by the patch, so
 * that such patches can be applied together, in any order.
 */
export function createPatch(from: unknown, to: unknown, path = ''): Operation[] {
  if (isDeepStrictEqual(from, to)) return []
  if (Array.isArray(from) && Array.isArray(to)) {
    if (isDeepStrictEqual(from, to.slice(0, from.length))) {
      return to.slice(from.length).map((value) => ({ op: 'add', path: `${path}/-`, value }))
    }
    if (from.length === to.length)
      return to.flatMap((value, index) => createPatch(from[index], value, `${path}/${index}`))
  }
  if (isMap(from) && isMap(to)) {
    return [
      ...Object.keys(from)
        .filter((key) => !(key in to))
        .map((key): Operation => ({ op: 'remove', path: `${path}/${escapeKey(key)}` })),
      ...Object.entries(to).flatMap(([key, value]): Operation[] => {
        const inner = `${path}/${escapeKey(key)}`
        return key in from ? createPatch(from[key], value, inner) : [{ op: 'add', path: inner, value }]
      }),
    ]
  }
  return [{ op: 'replace', path, value: to }]
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const escapeKey = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1')
