import { connectionOptions, type Database } from '@daytona-auth/db'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'

/** A connection of which the database tells how it ran each statement, exactly as it was sent. */
export function explaining(url: string) {
  const plans: string[] = []
  const options = connectionOptions(url, { applicationName: 'daytona-auth bench' })
  const client = postgres({
    ...options,
    max: 1,
    onnotice: ({ message = '' }) => plans.push(message),
    connection: {
      ...options.connection,
      client_min_messages: 'notice',
      session_preload_libraries: 'auto_explain',
      'auto_explain.log_min_duration': '0',
      'auto_explain.log_analyze': 'true',
      'auto_explain.log_buffers': 'true',
      'auto_explain.log_level': 'notice',
    },
  })
  return {
    // Without the tables' names for what they hold, which no statement of the trail asks for.
    database: drizzle(client, { casing: 'snake_case' }) as unknown as Database,
    /** The plans since the last time. */
    take: () => plans.splice(0),
    close: () => client.end(),
  }
}
