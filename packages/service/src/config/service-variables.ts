import * as z from 'zod'
import { variableFacts } from './variable.ts'
import {
  cidrs,
  duration,
  emailAddress,
  headerFields,
  httpUrl,
  integer,
  origin,
  postgresUrl,
  redisUrl,
  share,
  smtpUrl,
} from './variables.ts'

/** What every server here is told by its environment. Spread it into the shape of an app and add to it. */
export const serviceShape = {
  DATABASE_URL: postgresUrl().describe(
    'PostgreSQL 15 or later: the primary, which verification reads, and without a transaction pooler between, which LISTEN does not survive.',
  ),
  DATABASE_WAIT: duration({ minMs: 0, maxMs: 3_600_000 })
    .prefault('10s')
    .describe(
      'How long a start waits for a database that does not answer, or is not migrated, yet: containers start in any order.',
    ),
  DATABASE_CONNECTIONS: integer({ min: 1, max: 1000 })
    .prefault('10')
    .describe(
      'Connections to PostgreSQL for requests at most. A process has up to 8 more, for verification, background tasks and notifications: the sum over all processes must fit `max_connections`.',
    ),
  CREDENTIAL_CACHE_BYTES: integer({ min: 1024 * 1024, max: 4_294_967_296 })
    .optional()
    .describe(
      'Bytes of memory that verified credentials may take, about 2,500 each; a fifth of the memory limit of the container (or of the machine), up to 512 MiB, without it.',
    ),
  ISSUER: origin().describe('The public origin: the `iss` of every token and the base of every URL that we hand out.'),
  HOST: z
    .string()
    .default('127.0.0.1')
    .describe(
      'The address to listen on, of the metrics too; `0.0.0.0` for every one of the machine, as in a container.',
    ),
  PORT: integer({ max: 65_535 }).prefault('3000').describe('The port to listen on; 0 takes a free one.'),
  METRICS_PORT: integer({ max: 65_535 })
    .optional()
    .describe('The port of the Prometheus metrics, which no proxy should publish; without it none are served.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be fatal, error, warn, info, debug, trace or silent',
    })
    .default('info')
    .describe(
      'The least that is logged: `fatal`, `error`, `warn`, `info` (a line for each request), `debug`, `trace` or `silent`.',
    ),
  TRUSTED_PROXIES: cidrs()
    .default([])
    .describe(
      'Networks, as in `10.0.0.0/8,::1`, whose `X-Forwarded-*`, `X-Request-Id` and `traceparent` are believed; without the proxy in it, all its clients are limited as one address.',
    ),
  REDIS_URL: redisUrl()
    .optional()
    .describe(
      'Redis 6 or later or Valkey, where processes count together what is limited; each counts for itself without it.',
    ),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl()
    .optional()
    .describe(
      'The OpenTelemetry collector that traces are sent to, by OTLP/HTTP at `/v1/traces` below it; without it there are none.',
    ),
  OTEL_EXPORTER_OTLP_HEADERS: headerFields()
    .optional()
    .describe('Header fields for it, as in `authorization=Bearer%20…`, separated by commas.'),
  OTEL_TRACES_SAMPLER_ARG: share()
    .prefault('1')
    .describe(
      'Of the traces that begin here, the share that is sent; one that a trusted proxy began is sent as it says.',
    ),
}

/** What a server that mails is told besides. Without a server and a folder it mails nothing. */
export const mailShape = {
  SMTP_URL: smtpUrl().optional().describe('The server that takes our mails; `smtps://` for TLS from the first byte.'),
  OUTBOX_DIR: z
    .string()
    .optional()
    .describe(
      'The folder where mails are written, as files, while there is no `SMTP_URL`; without either nothing is mailed.',
    ),
  MAIL_FROM: emailAddress()
    .optional()
    .register(variableFacts, { fallback: 'no-reply@ the host of ISSUER' })
    .describe('The address that mails are from.'),
}
