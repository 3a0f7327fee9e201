/** A migration cannot run, or cannot grant. The message is one line that names the cause and what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
  readonly code = 'MIGRATION'
}
