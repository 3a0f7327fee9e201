import { type Environment, loadConfig, serviceShape } from '@daytona-auth/service'

/** What every command that works on the database is told, in the servers' own variables. */
export const databaseShape = {
  DATABASE_URL: serviceShape.DATABASE_URL,
  DATABASE_WAIT: serviceShape.DATABASE_WAIT,
}

export type DatabaseConfig = ReturnType<typeof loadDatabaseConfig>

/** @throws ConfigError that names every bad variable and no value */
export const loadDatabaseConfig = (env: Environment) => loadConfig(databaseShape, env)
