/** The result of one check of the database. */
export interface DatabaseFinding {
  readonly check:
    | 'version'
    | 'encoding'
    | 'writable'
    | 'migrations'
    | 'clock'
    | 'privileges'
    | 'role'
    | 'triggers'
    | 'indexes'
    | 'connections'
    | 'session'
    | 'settings'
    | 'notifications'
    | 'disk'
  readonly severity: 'ok' | 'warning' | 'error'
  /** The finding, with the variable that names the database. */
  readonly what: string
  /** What to do about it; absent if the severity is `ok`. */
  readonly remedy?: string
  /** Whether the problem may resolve itself: a standby is promoted, a migration is running. */
  readonly mayPass?: boolean
}
