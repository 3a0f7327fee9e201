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

/** The variables of every server. An app spreads them into its own variable definitions. */
export const serviceShape = {
  DATABASE_URL: postgresUrl().describe(
    'The primary server of PostgreSQL 15 or later, connected directly: LISTEN does not work through a transaction pooler.',
  ),
  DATABASE_WAIT: duration({ minMs: 0, maxMs: 3_600_000 })
    .prefault('10s')
    .describe(
      'How long startup waits for a database that does not answer or is not migrated yet. Containers start in any order.',
    ),
  DATABASE_CONNECTIONS: integer({ min: 1, max: 1000 })
    .prefault('10')
    .describe(
      'The maximum of PostgreSQL connections for requests. A process has up to 8 more, for verification, background tasks and notifications. The sum over all processes must fit `max_connections`.',
    ),
  CREDENTIAL_CACHE_BYTES: integer({ min: 1024 * 1024, max: 4_294_967_296 })
    .optional()
    .describe(
      'Bytes of memory for the cache of verified credentials, about 2,500 each. If unset: a fifth of the memory limit of the container (or of the machine), up to 512 MiB.',
    ),
  ISSUER: origin().describe('The public origin: the `iss` of every token and the base of every published URL.'),
  HOST: z
    .string()
    .default('127.0.0.1')
    .describe('The address to listen on, also for metrics. `0.0.0.0` listens on every address, as a container needs.'),
  PORT: integer({ max: 65_535 }).prefault('3000').describe('The port to listen on. 0 selects a free one.'),
  METRICS_PORT: integer({ max: 65_535 })
    .optional()
    .describe('The port of the Prometheus metrics, which no proxy should publish. If unset, no metrics are served.'),
  DRAIN_DELAY: duration({ minMs: 0, maxMs: 5000 })
    .prefault('2s')
    .describe(
      'How long a server that receives SIGTERM keeps idle connections open. A proxy may already have sent a request on one. Each response announces that its connection closes.',
    ),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be fatal, error, warn, info, debug, trace or silent',
    })
    .default('info')
    .describe(
      'The lowest level that is logged: `fatal`, `error`, `warn`, `info` (a line for each request), `debug`, `trace` or `silent`.',
    ),
  TRUSTED_PROXIES: cidrs()
    .default([])
    .describe(
      'Networks, such as `10.0.0.0/8,::1`, whose `X-Forwarded-*`, `X-Request-Id` and `traceparent` are trusted. If your proxy is missing here, all its clients share the limits of one address.',
    ),
  REDIS_URL: redisUrl()
    .optional()
    .describe(
      'Redis 6 or later, or Valkey, over which processes share the counters of limits. If unset, each process counts alone.',
    ),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl()
    .optional()
    .describe(
      'The OpenTelemetry collector that receives traces by OTLP/HTTP, at `/v1/traces` below this URL. If unset, nothing is traced.',
    ),
  OTEL_EXPORTER_OTLP_HEADERS: headerFields()
    .optional()
    .describe('Header fields for the collector, such as `authorization=Bearer%20…`, comma-separated.'),
  OTEL_TRACES_SAMPLER_ARG: share()
    .prefault('1')
    .describe(
      'The share of traces that is sent, of those that begin here. For a trace that a trusted proxy began, its `traceparent` decides.',
    ),
}

/** The variables of a server that sends mail. With neither an SMTP server nor a folder it sends none. */
export const mailShape = {
  SMTP_URL: smtpUrl()
    .optional()
    .describe('The SMTP server for outgoing mail. `smtps://` uses TLS from the first byte.'),
  OUTBOX_DIR: z
    .string()
    .optional()
    .describe(
      'The folder that mails are written to as files if there is no `SMTP_URL`. If both are unset, no mail is sent.',
    ),
  MAIL_FROM: emailAddress()
    .optional()
    .register(variableFacts, { fallback: 'no-reply@ the host of ISSUER' })
    .describe('The sender address of mails, whose name is `BRAND_NAME`.'),
}
