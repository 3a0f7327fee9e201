import type { AddressInfo } from 'node:net'
import { channelMetrics, createVerifier, type InvalidationGroup, sharedLimits } from '@daytona-auth/auth'
import { recordKeyDenials, recordUsage } from '@daytona-auth/db/api-keys'
import { ensureAuditPartitions } from '@daytona-auth/db/audit'
import {
  checkPrimary,
  fillSpaceReserve,
  followPrimary,
  openChannel,
  openServerPools,
  readPoolUse,
} from '@daytona-auth/db/core'
import { checkDatabase, checkDatabaseAt } from '@daytona-auth/db/operations'
import {
  createLogger,
  createMailer,
  createMetrics,
  createMetricsServer,
  listen,
  openRedis,
  poolMetrics,
  startTracing,
  taskMetrics,
  waitForDatabase,
} from '@daytona-auth/service'
import type { Logger } from 'pino'
import { buildApi, version } from './app.ts'
import type { ApiConfig } from './config.ts'
import { expireDueApiKeys } from './features/api-keys/sweeper.ts'
import { denialRecorder } from './features/audit/denial-recorder.ts'
import { dropOldAuditMonths } from './features/audit/retention.ts'
import { findBundledDashboard } from './features/dashboard/files.ts'
import { usageRecorder } from './features/usage/recorder.ts'
import { type Periodic, periodically } from './tasks/periodic.ts'
import { applyRetention } from './tasks/retention.ts'

/** The interval between flushes: the counts that SIGKILL may lose. */
const FLUSH_MS = 3000
const SWEEP_MS = 15_000
/** Soon after the disk has space again, creations are allowed. */
const RESERVE_MS = 60_000
const HOUR_MS = 60 * 60 * 1000

/** A running API. */
export interface RunningApi {
  /** The URL that the server listens on. */
  readonly url: string
  readonly port: number
  /** Drains requests, flushes counts and closes the database pools. */
  close(): Promise<void>
}

export interface StartOptions {
  readonly logger?: Logger
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** Ends the wait for the database. */
  readonly signal?: AbortSignal
  /** The folder of the built dashboard. Default: the one beside the bundle; without it, no dashboard is served. */
  readonly dashboard?: string | undefined
  /** Connects the verifiers of several servers in one process, so that each invalidates the others. */
  readonly invalidations?: InvalidationGroup
}

/**
 * Opens the API's resources and listens once the database is ready. If the database becomes unreachable later, requests
 * are answered with 503 until it is back.
 * @throws StartupError with one line that states what to do
 */
export async function startApi(
  config: ApiConfig,
  {
    logger = createLogger({ service: 'api', level: config.LOG_LEVEL }),
    now = Date.now,
    signal,
    dashboard = findBundledDashboard(),
    invalidations,
  }: StartOptions = {},
): Promise<RunningApi> {
  await using opened = new AsyncDisposableStack()
  const metrics = createMetrics({ service: 'api', version })
  const tracing = await startTracing({ service: 'api', version, logger, config })
  opened.defer(() => tracing?.close())
  if (config.RESOURCE_SECRETS_KEY === undefined) {
    logger.warn('RESOURCE_SECRETS_KEY is not set: registries cannot be given a password')
  }

  const pools = openServerPools(config.DATABASE_URL, {
    connections: config.DATABASE_CONNECTIONS,
    applicationName: 'daytona-auth api',
    onStatement: tracing?.beginStatement,
  })
  opened.defer(() => pools.close())
  const { management: database, verification, background } = pools
  poolMetrics(metrics.registry, () => readPoolUse(database))
  // The database is examined while the rest is created.
  const databaseReady = waitForDatabase(
    (attempt) => (attempt === 0 ? checkDatabase(verification, now) : checkDatabaseAt(config.DATABASE_URL, now)),
    { waitMs: config.DATABASE_WAIT, warn: (line) => logger.warn(line), signal },
  )
  databaseReady.catch(() => {}) // reported below, where it is awaited

  // Subscribes once the server listens: no request is answered earlier, and startup opens two connections fewer.
  const listening = Promise.withResolvers<void>()
  let isLost = false
  const observer = channelMetrics(metrics.registry)
  const channel = openChannel({
    url: config.DATABASE_URL,
    after: listening.promise,
    onLag: observer.onLag,
    onClockJump(ms) {
      observer.onClockJump(ms)
      logger.warn({ jumpMs: Math.round(ms) }, 'the clock of this machine jumped')
    },
    onState: (state, error) => {
      observer.onState(state)
      // While the database is down, reconnection is tried several times a second. The loss is logged once.
      if (state === 'listening') logger.info('invalidation channel listening')
      else if (!isLost) logger.warn({ err: error }, 'invalidation channel lost')
      isLost = state === 'lost'
    },
  })
  opened.defer(() => channel.close())
  opened.defer(followPrimary(pools, channel))

  const own = createVerifier({
    database: verification,
    channel,
    logger,
    issuer: config.ISSUER,
    audience: config.API_AUDIENCE,
    registry: metrics.registry,
    cacheBytes: config.CREDENTIAL_CACHE_BYTES,
    unknownPerMinute: config.UNKNOWN_CREDENTIALS_PER_MINUTE,
    now,
  })
  const verifier = invalidations ? invalidations.join(own) : own
  opened.defer(() => verifier.close())

  const redis = config.REDIS_URL ? openRedis({ url: config.REDIS_URL, logger, registry: metrics.registry }) : undefined
  opened.defer(() => redis?.close())
  const limits = redis && sharedLimits({ redis, now })
  opened.defer(() => limits?.close())

  const usage = usageRecorder({ write: ({ uses, hours }) => recordUsage(background, uses, hours), now })
  const denials = denialRecorder({ write: (noted) => recordKeyDenials(background, noted), now })
  // The last flush runs after the server has drained: closers run in reverse order.
  for (const [what, recorder] of [
    ['usage', usage],
    ['refusals', denials],
  ] as const) {
    opened.defer(() =>
      // A failed flush must not fail an orderly shutdown.
      recorder.flush().catch((error: unknown) => logger.warn({ err: error, what }, 'last flush failed')),
    )
  }
  const mailer = createMailer({
    smtpUrl: config.SMTP_URL,
    outboxDirectory: config.OUTBOX_DIR,
    from: config.MAIL_FROM ?? `no-reply@${new URL(config.ISSUER).hostname}`,
  })
  opened.defer(() => mailer?.close())

  const app = await buildApi({
    config,
    logger,
    database,
    verification,
    checkDatabase: () => checkPrimary(pools, channel),
    verifier,
    metrics,
    tracing,
    mailer,
    limits,
    dashboard,
    now,
    onDecision: usage.count,
    onDenial: denials.note,
    onHandlerDenial: usage.deny,
  })
  // Requests end before their resources are closed. A task delays the shutdown by one batch at most.
  const tasks: Periodic[] = []
  opened.defer(async () => {
    await Promise.all(tasks.map((task) => task.close()))
  })
  opened.defer(async () => {
    for (const task of tasks) task.stop()
    await app.close()
  })
  await Promise.all([app.ready(), databaseReady])

  const ran = taskMetrics(metrics.registry)
  for (const [name, everyMs, task] of [
    ['flush usage', FLUSH_MS, () => usage.flush()],
    ['flush refusals', FLUSH_MS, () => denials.flush()],
    ['expire keys', SWEEP_MS, (signal: AbortSignal) => expireDueApiKeys(background, signal)],
    ['audit partitions', HOUR_MS, () => ensureAuditPartitions(background)],
    ['space reserve', RESERVE_MS, () => fillSpaceReserve(background, config.SPACE_RESERVE_BYTES)],
    ['retention', HOUR_MS, (signal: AbortSignal) => applyRetention(background, config, signal)],
    ['audit retention', HOUR_MS, () => dropOldAuditMonths(background, config, logger)],
  ] as const) {
    tasks.push(periodically({ name, everyMs, logger, ran }, task))
  }

  if (config.METRICS_PORT !== undefined) {
    const metricsServer = createMetricsServer({ metrics, logger })
    opened.defer(() => metricsServer.close())
    await listen(metricsServer, { host: config.HOST, port: config.METRICS_PORT, portVariable: 'METRICS_PORT' })
  }
  // Live before the signing keys are read, ready afterwards: `/health/ready` checks them.
  await listen(app, { host: config.HOST, port: config.PORT, portVariable: 'PORT' })
  listening.resolve()
  await verifier.start()
  const { port } = app.server.address() as AddressInfo // it listens on a TCP port, never a socket path

  const running = opened.move()
  return { url: `http://${hostOf(config.HOST)}:${port}`, port, close: () => running.disposeAsync() }
}

const hostOf = (host: string): string => (host.includes(':') ? `[${host}]` : host)
