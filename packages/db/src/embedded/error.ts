/** PostgreSQL could not be brought up. The message is one line for the person at the terminal, and says what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
}
