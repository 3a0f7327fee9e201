import { connectionOptions, type Database } from '@daytona-auth/db/core'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { TEXT_ARRAY } from '../src/core/client.ts'

/** Opens a connection for which the database reports the plan of each statement as it was sent (auto_explain). */
export function openExplained(url: string) {
  const plans: string[] = []
  const options = connectionOptions(url, { applicationName: 'daytona-auth bench' })
  const client = postgres({
    ...options,
    max: 1,
    types: { text_array: TEXT_ARRAY },
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
    // Without drizzle's schema, which no statement of the trail needs.
    database: drizzle(client, { casing: 'snake_case' }) as unknown as Database,
    /** Returns the plans since the last call. */
    take: () => plans.splice(0),
    close: () => client.end(),
  }
}
