import type { Database } from '@daytona-auth/db'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'

/** A connection of which the database tells how it ran each statement, exactly as it was sent. */
export function explaining(url: string) {
  const plans: string[] = []
  const client = postgres(url, {
    max: 1,
    fetch_types: false,
    onnotice: ({ message = '' }) => plans.push(message),
    connection: {
      TimeZone: 'UTC',
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
