import { type Environment, loadConfig, serviceShape } from '@daytona-auth/service'
import * as z from 'zod'

/** What every command that works on the database is told, in the servers' own variables. */
export const databaseShape = {
  DATABASE_URL: serviceShape.DATABASE_URL,
  DATABASE_WAIT: serviceShape.DATABASE_WAIT,
}

export type DatabaseConfig = ReturnType<typeof loadDatabaseConfig>

/** @throws ConfigError that names every bad variable and no value */
export const loadDatabaseConfig = (env: Environment) => loadConfig(databaseShape, env)

/** A name as PostgreSQL stores it. */
const role = z.string().regex(/^[^\0]{1,63}$/, 'must be the name of a role')

/** What `migrate` reads besides: the roles that it grants what the servers need. */
export const migrationShape = {
  API_DATABASE_ROLE: role
    .optional()
    .describe(
      'The role that the API connects as: each migration grants it what the API needs, and revokes anything else.',
    ),
  PROVIDER_DATABASE_ROLE: role.optional().describe('The same for the provider. Both may have one role.'),
}
