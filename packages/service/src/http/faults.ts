import { isQuotaResource, type QuotaResource } from '@daytona-auth/protocol/quotas'
import { hasCause, hasSqlState, SQL_STATE } from './sql-state.ts'

// Classifies unexpected errors by their code and those of their causes.

/** Whether a dependency is unreachable or cannot answer now. The same request may succeed in a moment. */
export const isUnavailable = (error: unknown): boolean => hasCause(error, isUnavailableHere)

/** Whether PostgreSQL cannot store a value of the request, such as a NUL character or a number out of range. */
export const isUnstorable = (error: unknown): boolean => hasSqlState(error, ...UNSTORABLE)

/**
 * Whether another transaction deleted a row that the request refers to, usually an organization, between our check and our
 * write (foreign_key_violation). A unique_violation is handled by the feature, which knows the constraint.
 */
export const isOvertaken = (error: unknown): boolean => hasSqlState(error, 'foreign_key_violation')

/** A quota that a trigger of the database enforces. */
export interface Quota {
  readonly resource: QuotaResource
  readonly maximum: number
}

/** Finds the quota that an insertion exceeds; undefined for other errors. */
export function findQuota(error: unknown): Quota | undefined {
  let found: Quota | undefined
  hasCause(error, ({ code, detail }) => {
    if (code !== SQL_STATE.quota_reached) return false
    const [resource = '', maximum] = String(detail).split(' ')
    if (isQuotaResource(resource)) found = { resource, maximum: Number(maximum) }
    return true
  })
  return found
}

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  // postgres.js
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_SILENT',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  // packages/db
  'DATABASE_TLS',
  'UNSUITABLE_HOST',
  // undici, which forwards to the provider
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
])

/**
 * SQLSTATE classes and codes of temporary errors and of those that an operator resolves: 08 connection, 28 credentials, 53
 * resources, 57 operator intervention (shutdown, statement timeout). The single codes are those of a failover, a missing
 * database, a serialization failure, a deadlock and an unavailable lock.
 */
const UNAVAILABLE_STATE = /^(?:08...|28...|53...|57...|25006|3D000|40001|40P01|55P03)$/

/** NUL or an unpaired surrogate in text or jsonb, text too long, number or time out of range. */
const UNSTORABLE = [
  'character_not_in_repertoire',
  'untranslatable_character',
  'invalid_text_representation',
  'string_data_right_truncation',
  'numeric_value_out_of_range',
  'invalid_datetime_format',
  'datetime_field_overflow',
] as const

const DEPTH = 8

function isUnavailableHere(error: Readonly<Record<string, unknown>>): boolean {
  const code = String(error['code'])
  if (NETWORK.has(code) || UNAVAILABLE_STATE.test(code)) return true
  // OpenSSL: with TLS 1.3, a server refuses the client's certificate on a connection that is already open.
  if (code.startsWith('ERR_SSL_')) return true
  // PostgreSQL ends the connection after these, with any code: 55000 for a database that allows no connections.
  if (error['severity'] === 'FATAL' || error['severity'] === 'PANIC') return true
  // The NOTIFY queue is full. From other source files, the code is for a limit that a value of the request exceeds.
  if (code === SQL_STATE.program_limit_exceeded && error['file'] === 'async.c') return true
  // A missing socket file is ENOENT, as a missing file is for other system calls.
  if (error['syscall'] === 'connect' || error['syscall'] === 'getaddrinfo') return true
  return typeof error['statusCode'] === 'number' && error['statusCode'] >= 502 && error['statusCode'] <= 504
}

/** The members that the system or a driver adds to an error. */
export interface Fault {
  readonly code?: string
  readonly message?: string
  /** Why TLS with the database failed. */
  readonly reason?: string
  readonly syscall?: string
  readonly port?: number
  readonly address?: string
  readonly path?: string
}

/** Returns the innermost error with a code. Wrappers have none, or one of their own. */
export function rootOf(error: unknown): Fault {
  let found: Fault = {}
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < DEPTH; depth += 1) {
    if ('code' in at && typeof at.code === 'string') found = at as Fault
    at = at instanceof AggregateError ? at.errors[0] : at.cause
  }
  return found
}
