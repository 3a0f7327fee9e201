import * as z from 'zod'
import { serviceShape } from './service-variables.ts'
import { variableFacts } from './variable.ts'
import { integer, origin } from './variables.ts'

/** What is said here, or otherwise than the two servers have it. */
export const standaloneShape = {
  DATA_DIR: z
    .string()
    .default('.data')
    .describe('The folder of all that this installation keeps, its own database included.'),
  DATABASE_URL: serviceShape.DATABASE_URL.optional().describe(
    'A PostgreSQL of yours, 15 or later; without it one is brought up in the data directory.',
  ),
  DATABASE_WAIT: serviceShape.DATABASE_WAIT.unwrap()
    .prefault('0s')
    .describe('How long a start waits for the database of `DATABASE_URL` to answer.'),
  ISSUER: origin()
    .optional()
    .register(variableFacts, { fallback: 'http://localhost: and PORT' })
    .describe(
      'The public origin, where it is not the one that the browser of this machine sees: behind a proxy that ends TLS.',
    ),
  HOST: serviceShape.HOST,
  PORT: integer({ min: 1, max: 65_535 }).prefault('3000').describe('The port to listen on.'),
  METRICS_PORT: serviceShape.METRICS_PORT.describe(
    "The port of the API's Prometheus metrics; without it none are served.",
  ),
  PROVIDER_METRICS_PORT: serviceShape.METRICS_PORT.describe(
    "The port of the provider's Prometheus metrics; without it none are served.",
  ),
  LOG_LEVEL: serviceShape.LOG_LEVEL.removeDefault()
    .default('warn')
    .describe('The least that is logged, as JSON lines on standard error; `info` tells of every request.'),
}
