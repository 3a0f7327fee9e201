/** SQLSTATEs by the names that PostgreSQL gives their conditions, and those that our triggers raise. */
export const SQL_STATE = {
  feature_not_supported: '0A000',
  protocol_violation: '08P01',
  string_data_right_truncation: '22001',
  numeric_value_out_of_range: '22003',
  invalid_datetime_format: '22007',
  datetime_field_overflow: '22008',
  character_not_in_repertoire: '22021',
  invalid_text_representation: '22P02',
  untranslatable_character: '22P05',
  foreign_key_violation: '23503',
  unique_violation: '23505',
  read_only_sql_transaction: '25006',
  invalid_authorization_specification: '28000',
  invalid_password: '28P01',
  invalid_catalog_name: '3D000',
  serialization_failure: '40001',
  deadlock_detected: '40P01',
  insufficient_privilege: '42501',
  undefined_function: '42883',
  undefined_table: '42P01',
  disk_full: '53100',
  program_limit_exceeded: '54000',
  object_not_in_prerequisite_state: '55000',
  lock_not_available: '55P03',
  query_canceled: '57014',
  /** A key would be inserted whose parent has ended. */
  parent_ended: 'DA002',
  /** A quota of an organization is reached. The detail has the resource and the maximum. */
  quota_reached: 'DA007',
} as const

export type SqlState = keyof typeof SQL_STATE

const DEPTH = 8

/** Whether an error, or one of those that it wraps, passes `test`: drizzle, undici and AggregateError all wrap. */
export function hasCause(
  error: unknown,
  test: (cause: Readonly<Record<string, unknown>>) => boolean,
  depth = DEPTH,
): boolean {
  if (typeof error !== 'object' || error === null || depth === 0) return false
  const cause = error as Record<string, unknown> // any object may be read by name
  if (test(cause)) return true
  if (Array.isArray(cause['errors']) && cause['errors'].some((one) => hasCause(one, test, depth - 1))) return true
  return hasCause(cause['cause'], test, depth - 1)
}

/** Whether PostgreSQL answered one of these conditions, however the error is wrapped. */
export const hasSqlState = (error: unknown, ...states: readonly SqlState[]): boolean =>
  hasCause(error, ({ code }) => states.some((state) => SQL_STATE[state] === code))
