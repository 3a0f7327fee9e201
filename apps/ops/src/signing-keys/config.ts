import { providerShape } from '@daytona-auth/configuration/provider'
import { type Environment, loadConfig } from '@daytona-auth/service'
import { databaseShape } from '../config.ts'

const { ACCESS_TOKEN_TTL, SESSION_ABSOLUTE_TTL, SIGNING_KEYS_SECRET } = providerShape
const paceShape = { ...databaseShape, ACCESS_TOKEN_TTL, SESSION_ABSOLUTE_TTL }

/** Loads the providers' variables that determine when a step of a rotation is due. @throws ConfigError */
export const loadPaceConfig = (env: Environment) => loadConfig(paceShape, env)

/** Loads the same and the secrets, for commands that create or decrypt private keys. @throws ConfigError */
export const loadKeyConfig = (env: Environment) => loadConfig({ ...paceShape, SIGNING_KEYS_SECRET }, env)
