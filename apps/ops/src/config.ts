import { type Environment, loadConfig, serviceShape } from '@daytona-auth/service'

/** The variables of every command that uses the database, as the servers define them. */
export const databaseShape = {
  DATABASE_URL: serviceShape.DATABASE_URL,
  DATABASE_WAIT: serviceShape.DATABASE_WAIT,
}

export type DatabaseConfig = ReturnType<typeof loadDatabaseConfig>

/** @throws ConfigError that names every bad variable and no value */
export const loadDatabaseConfig = (env: Environment) => loadConfig(databaseShape, env)
