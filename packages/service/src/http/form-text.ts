import type { FastifyInstance } from 'fastify'
import { badRequest, Refusal } from './refusal.ts'
import { decodeUtf8, isUtf8 } from './utf8.ts'

/** A form or a query: one value for each name, or a list of those that were sent several times. */
export type FormFields = Record<string, string | string[]>

/** More than any form or query of ours has, and few enough to be read without a thought for what they cost. */
const MAX_FIELDS = 1000

/**
 * Parses `application/x-www-form-urlencoded` text (URL Standard §5.1), but for bytes that are not UTF-8: that algorithm
 * makes U+FFFD of them, by which two different names become one. Returns undefined for those and for a `%` without two
 * digits behind it, as well as for more than 1000 fields.
 */
export function parseFormText(text: string): FormFields | undefined {
  // Without a prototype: a field may be called `__proto__`.
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

/** Parses the query of a URL. One that is not UTF-8 is `MALFORMED_QUERY`, since the router calls this and catches nothing. */
export const parseQuery = (text: string): FormFields => (text === '' ? {} : (parseFormText(text) ?? MALFORMED_QUERY))

export const MALFORMED_QUERY: FormFields = Object.freeze(Object.create(null))

/** Makes `app` parse forms, and answer 400 where one is not UTF-8. */
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

export const CHARSET_NOT_UTF8 = new Refusal(415, 'Content-Type has a charset that is not supported: use UTF-8')

const NOT_A_FORM = badRequest('Form is not valid UTF-8, is not validly percent-encoded or has too many fields')

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
