import { integer, origin, serviceShape, variableFacts } from '@daytona-auth/service'
import * as z from 'zod'

/** The variables that only standalone has, or that it defines differently from the two servers. */
export const standaloneShape = {
  DATA_DIR: z
    .string()
    .default('.data')
    .describe('The folder for all data of this installation, including its own database.'),
  DATABASE_URL: serviceShape.DATABASE_URL.optional().describe(
    'Your own PostgreSQL, 15 or later. If unset, one is started in the data directory.',
  ),
  DATABASE_WAIT: serviceShape.DATABASE_WAIT.unwrap()
    .prefault('0s')
    .describe('How long startup waits for the database of `DATABASE_URL` to answer.'),
  ISSUER: origin()
    .optional()
    .register(variableFacts, { fallback: 'http://localhost: and PORT' })
    .describe(
      'The public origin, if it differs from what a browser on this machine uses: behind a proxy that terminates TLS.',
    ),
  HOST: serviceShape.HOST,
  PORT: integer({ min: 1, max: 65_535 }).prefault('3000').describe('The port to listen on.'),
  METRICS_PORT: serviceShape.METRICS_PORT.describe(
    "The port of the API's Prometheus metrics. If unset, none are served.",
  ),
  PROVIDER_METRICS_PORT: serviceShape.METRICS_PORT.describe(
    "The port of the provider's Prometheus metrics. If unset, none are served.",
  ),
  LOG_LEVEL: serviceShape.LOG_LEVEL.removeDefault()
    .default('warn')
    .describe('The lowest level that is logged, as JSON lines on standard error. `info` logs every request.'),
}
