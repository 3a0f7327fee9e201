import { isIP } from 'node:net'
import * as z from 'zod'
import { isLoopback } from '../network/loopback.ts'
import { readNetwork } from '../network/network.ts'
import { variableFacts } from './variable.ts'

// Strict parsers for the text of one environment variable: `1e3`, `0x10`, `yes` and `10 s` are typing errors. A typing
// error in a limit must stop startup instead of showing up in production.

const INTEGER = /^-?\d{1,15}$/
const SHARE = /^\d(?:\.\d{1,6})?$/
const DURATION = /^(\d{1,9})(ms|s|m|h|d)$/
const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Above every real count, and below the range of 32-bit counters, timers and columns. */
const MAX_COUNT = 1_000_000_000

/** A whole number within `min` and `max`, both included. */
export const integer = ({ min = 0, max = MAX_COUNT }: { min?: number; max?: number } = {}) =>
  z.string().transform((text, context) => {
    const number = INTEGER.test(text) ? Number(text) : Number.NaN
    if (number >= min && number <= max) return number
    context.addIssue(`must be a whole number of ${min} to ${max}`)
    return z.NEVER
  })

/** `true` or `false`, and no other spelling. */
export const boolean = () =>
  z.string().transform((text, context) => {
    if (text === 'true') return true
    if (text === 'false') return false
    context.addIssue('must be true or false')
    return z.NEVER
  })

/** The longest delay of a Node timer: a longer one fires after 1 ms. */
export const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * A length of time with its unit (`500ms`, `30s`, `15m`, `12h`, `14d`), as milliseconds. For values that a timer may
 * use; longer ones, which are only compared with a clock, are a `lifetime`.
 */
export const duration = ({ minMs = 1, maxMs = MAX_TIMER_MS }: { minMs?: number; maxMs?: number } = {}) =>
  z.string().transform((text, context) => {
    const [, amount, unit] = DURATION.exec(text) ?? []
    if (amount === undefined || unit === undefined || !isUnit(unit)) {
      context.addIssue('must be a number with a unit, such as 500ms, 30s, 15m, 12h or 14d')
      return z.NEVER
    }
    const ms = Number(amount) * UNIT_MS[unit]
    if (ms >= minMs && ms <= maxMs) return ms
    context.addIssue(`must be from ${minMs} to ${maxMs} milliseconds long`)
    return z.NEVER
  })

/** The lifetime of something whose end is stored as an instant, without a timer: at most ten years. */
export const lifetime = ({ minMs = 1000 }: { minMs?: number } = {}) => duration({ minMs, maxMs: 10 * 365 * UNIT_MS.d })

/** Comma-separated items, trimmed; at least one. */
export const list = () =>
  z.string().transform((text, context) => {
    const items = text.split(',').map((item) => item.trim())
    if (items.every((item) => item !== '')) return items
    context.addIssue('must be a comma-separated list without empty items')
    return z.NEVER
  })

/** A public origin without path, query or trailing slash: https, or http on loopback only. */
export const origin = () =>
  z
    .string()
    .transform((text, context) => {
      const url = URL.parse(text)
      if (url === null || url.origin !== text) {
        context.addIssue('must be an origin such as https://api.example.com, without path or trailing slash')
        return z.NEVER
      }
      if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return text
      context.addIssue('must be https (http is allowed for localhost, 127.0.0.1 and [::1] only)')
      return z.NEVER
    })
    .register(variableFacts, { example: 'https://api.example.com' })

/** The origin of an internal HTTP service in the same network, such as `http://oidc:3001`. */
export const internalUrl = () =>
  z.string().transform((text, context) => {
    const url = URL.parse(text)
    if (url !== null && /^https?:$/.test(url.protocol) && url.origin === text.replace(/\/$/, '')) return url.origin
    context.addIssue('must be an http or https origin such as http://oidc:3001')
    return z.NEVER
  })

/** The URL of an HTTP service that may have a path, such as `https://collector.example.com/otlp`, without secrets. */
export const httpUrl = () =>
  z.string().refine(
    (text) => {
      const url = URL.parse(text)
      return (
        url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash
      )
    },
    { error: 'must be an http or https URL such as http://collector:4318, without credentials or query' },
  )

/** Header fields with their values, percent-encoded: `authorization=Bearer%20…,x-tenant=a`. */
export const headerFields = () =>
  list()
    .transform((items, context): Readonly<Record<string, string>> => {
      const fields = items.map(headerField)
      if (fields.every((field) => field !== undefined)) return Object.fromEntries(fields)
      context.addIssue('must be comma-separated header fields such as authorization=Bearer%20abc')
      return z.NEVER
    })
    .register(variableFacts, { secret: 'whole' })

/** A share, from 0 to 1. */
export const share = () =>
  z.string().transform((text, context) => {
    const number = SHARE.test(text) ? Number(text) : Number.NaN
    if (number >= 0 && number <= 1) return number
    context.addIssue('must be a share from 0 to 1, such as 0.1')
    return z.NEVER
  })

const POSTGRES = 'postgres://user:password@host:5432/database'
const POSTGRES_URL = /^postgres(?:ql)?:\/\/[^\s#]*$/i
/**
 * A PostgreSQL URL: `postgres://` or `postgresql://`. Not parsed by `URL`, which supports neither several hosts nor a
 * user without a host; `connectionOptions` of packages/db checks the parts.
 */
export const postgresUrl = () =>
  z
    .string()
    .refine((text) => POSTGRES_URL.test(text) && decoded(text) !== undefined, {
      error: `must be a URL such as ${POSTGRES}`,
    })
    .register(variableFacts, { secret: 'password', example: POSTGRES })

/** A Redis or Valkey URL: `redis://`, or `rediss://` for TLS, with optional credentials and database number. */
export const redisUrl = () => urlLike(REDIS, isRedisUrl, `${REDIS}, or rediss://`)
const REDIS = 'redis://user:password@host:6379/0'

/** An SMTP server with its credentials, such as `smtp://user:password@mail.example.com:587`. */
export const smtpUrl = () => urlLike(SMTP, (url) => /^smtps?:$/.test(url.protocol))
const SMTP = 'smtp://user:password@mail.example.com:587'

/** A URL with credentials, which its client decodes. A stray `%` would otherwise fail only at the first connection. */
const urlLike = (example: string, is: (url: URL) => boolean, form = example) =>
  z
    .string()
    .refine(
      (text) => {
        const url = URL.parse(text)
        return url !== null && isDecodable(url) && is(url)
      },
      { error: `must be a URL such as ${form}` },
    )
    .register(variableFacts, { secret: 'password', example })

/** A sender's e-mail address without a display name, `a@b`. */
export const emailAddress = () =>
  z.string().regex(/^[^\s@<>,;"]+@[^\s@<>,;"]+$/, 'must be an address such as no-reply@example.com')

/** Networks in CIDR notation (`10.0.0.0/8`, `fd00::/8`) or single addresses. */
export const cidrs = () =>
  list().transform((items, context) => {
    for (const item of items) if (!readNetwork(item)) context.addIssue(`must be networks such as 10.0.0.0/8 or ::1/128`)
    return items
  })

/** Comma-separated addresses of DNS servers, each with a port or without. */
export const dnsServers = () =>
  list().transform((items, context) => {
    for (const item of items) {
      const [, bracketed, plain, port = '53'] =
        /^(?:\[([\da-f:.]+)\]|([\d.]+|[\da-f:.]+?))(?::(\d{1,5}))?$/i.exec(item) ?? []
      const address = bracketed ?? plain
      if (address !== undefined && isIP(address) !== 0 && Number(port) >= 1 && Number(port) <= 65535) continue
      context.addIssue('must be addresses of DNS servers, such as 10.0.0.53, 10.0.0.53:5353 or [::1]:53')
    }
    return items
  })

/** Without a query, which the client would apply as connection options. */
const isRedisUrl = ({ protocol, hostname, pathname, search, hash }: URL): boolean =>
  /^rediss?:$/.test(protocol) && hostname !== '' && /^\/?$|^\/\d{1,5}$/.test(pathname) && search === '' && hash === ''

const isDecodable = ({ username, password, pathname }: URL): boolean =>
  decoded(username + password + pathname) !== undefined

function headerField(item: string): readonly [string, string] | undefined {
  const [, name = '', encoded = ''] = /^([\w!#$%&'*+.^`|~-]+)\s*=\s*(.+)$/.exec(item) ?? []
  const value = decoded(encoded)
  return name && value && /^[\x20-\x7e]+$/.test(value) ? [name, value] : undefined
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function isUnit(unit: string): unit is keyof typeof UNIT_MS {
  return unit in UNIT_MS
}
