import { type Environment, loadConfig, signingKeysShape } from '@daytona-auth/service'
import { databaseShape } from '../config.ts'

const { SIGNING_KEYS_SECRET, ...lifetimes } = signingKeysShape

/** What says when a step of a rotation is due: the providers' own variables. @throws ConfigError */
export const loadPaceConfig = (env: Environment) => loadConfig({ ...databaseShape, ...lifetimes }, env)

/** The same, for who makes or opens private keys. @throws ConfigError */
export const loadKeyConfig = (env: Environment) =>
  loadConfig({ ...databaseShape, ...lifetimes, SIGNING_KEYS_SECRET }, env)
