/** PostgreSQL could not be started. The message is one line for the person at the terminal, with what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
}
