import type { FastifyInstance } from 'fastify'
import { badRequest, Denial } from './denial.ts'
import { decodeUtf8, isUtf8 } from './utf8.ts'

/** The fields of a form or query: one value for each name, or a list if the name was sent several times. */
export type FormFields = Record<string, string | string[]>

/** More than any of our forms and queries has, and few enough to parse at negligible cost. */
const MAX_FIELDS = 1000

/**
 * Parses `application/x-www-form-urlencoded` text (URL Standard §5.1), except that it refuses bytes that are not UTF-8: the
 * standard replaces them with U+FFFD, which makes two different names equal. Returns undefined for such bytes, for a `%`
 * without two hexadecimal digits, and for more than 1000 fields.
 */
export function parseFormText(text: string): FormFields | undefined {
  // Without a prototype, because a field may be named `__proto__`.
  const fields: FormFields = Object.create(null)
  const pairs = text.split('&', MAX_FIELDS + 1)
  if (pairs.length > MAX_FIELDS) return undefined
  for (const pair of pairs) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decoded(equals === -1 ? pair : pair.slice(0, equals))
    const value = decoded(equals === -1 ? '' : pair.slice(equals + 1))
    if (name === undefined || value === undefined) return undefined
    const before = fields[name]
    if (before === undefined) fields[name] = value
    else if (typeof before === 'string') fields[name] = [before, value]
    else before.push(value)
  }
  return fields
}

/** Parses the query of a URL. Returns `MALFORMED_QUERY` if it is not UTF-8, because the router does not catch errors. */
export const parseQuery = (text: string): FormFields => (text === '' ? {} : (parseFormText(text) ?? MALFORMED_QUERY))

export const MALFORMED_QUERY: FormFields = Object.freeze(Object.create(null))

/** Adds a parser for forms to `app`. A form that is not UTF-8 is answered 400. */
export function acceptForms(app: FastifyInstance): void {
  app.addContentTypeParser<Buffer>(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    (request, body, done) => {
      if (!isUtf8(request.headers)) return done(CHARSET_NOT_UTF8)
      const text = decodeUtf8(body)
      const fields = text === undefined ? undefined : parseFormText(text)
      if (fields === undefined) done(NOT_A_FORM)
      else done(null, fields)
    },
  )
}

export const CHARSET_NOT_UTF8 = new Denial(415, 'Content-Type has a charset that is not supported: use UTF-8')

const NOT_A_FORM = badRequest('Form is not valid UTF-8, is not validly percent-encoded or has too many fields')

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
