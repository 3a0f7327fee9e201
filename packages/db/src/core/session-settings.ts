/**
 * The settings that our statements, the driver and the triggers depend on, as `current_setting` returns them. Each
 * connection sends them at startup, where they override those of the server, database, role and connection string.
 *
 * `default_transaction_read_only` is left out: operators and failovers use it to close a database to writes, and that must
 * stay in effect.
 */
export const SESSION_SETTINGS = {
  // The format of values: the driver's parsers and the audit chain read the text.
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  xmloption: 'content',
  // The meaning of our statements.
  search_path: 'public, pg_temp',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  transform_null_equals: 'off',
  row_security: 'on',
  check_function_bodies: 'on',
  default_table_access_method: 'heap',
  exit_on_error: 'off',
  // How transactions run and end.
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '1min',
  idle_session_timeout: '0',
  client_connection_check_interval: '0',
  client_min_messages: 'warning',
} as const satisfies Record<string, string>

/** Settings that a caller may override for its connections, as text: `5s`, `2min`. */
export type SessionOverrides = Partial<Record<keyof typeof SESSION_SETTINGS, string>>
