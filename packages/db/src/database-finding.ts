/** Something about the database that was looked at. */
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
    | 'connections'
    | 'session'
    | 'settings'
    | 'notifications'
  readonly severity: 'ok' | 'warning' | 'error'
  /** What is so, with the variable that leads there. */
  readonly what: string
  /** What to do about it; nothing where it is well. */
  readonly remedy?: string
  /** True of what may pass by itself: a standby is promoted, a migration is under way. */
  readonly mayPass?: boolean
}
