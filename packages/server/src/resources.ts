import { channelMetrics, createVerifier, type InvalidationGroup, type Verifier } from '@daytona-auth/auth'
import {
  type Channel,
  followPrimary,
  openChannel,
  openServerPools,
  readPoolUse,
  type ServerPools,
} from '@daytona-auth/db/core'
import { checkDatabase, checkDatabaseAt } from '@daytona-auth/db/operations'
import {
  createLogger,
  createMailer,
  createMetrics,
  type Mailer,
  type Metrics,
  type mailShape,
  openRedis,
  poolMetrics,
  type SharedRedis,
  type serviceShape,
  startTracing,
  type Tracing,
  waitForDatabase,
} from '@daytona-auth/service'
import type { Logger } from 'pino'
import type * as z from 'zod'

/** The variables that `startServer` reads. The server's own configuration contains them. */
export type ServerConfig = Readonly<z.output<z.ZodObject<typeof serviceShape & typeof mailShape>>> & {
  readonly API_AUDIENCE: string
  readonly UNKNOWN_CREDENTIALS_PER_MINUTE: number
  readonly BRAND_NAME: string
}

export interface ServerOptions {
  readonly logger?: Logger
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** A monotonic clock in milliseconds, by which look-ups of credentials are limited. */
  readonly monotonicNow?: () => number
  /** Aborts the wait for the database. */
  readonly signal?: AbortSignal
  /** Connects the caches of several servers in one process, so that each invalidates the others. */
  readonly invalidations?: InvalidationGroup
}

/** What every server opens before it builds its application. */
export interface Resources {
  readonly logger: Logger
  readonly now: () => number
  readonly metrics: Metrics
  readonly tracing: Tracing | undefined
  readonly pools: ServerPools
  /** Resolves once the database is reachable, supported and migrated. Rejects with a StartupError. */
  readonly databaseReady: Promise<void>
  readonly channel: Channel
  readonly verifier: Verifier
  /** Undefined without REDIS_URL: the process counts alone. */
  readonly redis: SharedRedis | undefined
  /** Undefined without SMTP_URL and OUTBOX_DIR: no mail is sent. */
  readonly mailer: Mailer | undefined
  readonly invalidations: InvalidationGroup | undefined
  /** Closers of what the application opens; they run in reverse order, after the server has drained. */
  readonly closers: AsyncDisposableStack
}

/** Opens the resources and registers their closers. The channel subscribes once `subscribeAfter` resolves. */
export async function openResources(
  config: ServerConfig,
  {
    service,
    version,
    closers,
    subscribeAfter,
    logger = createLogger({ service, level: config.LOG_LEVEL }),
    now = Date.now,
    monotonicNow,
    signal,
    invalidations,
  }: ServerOptions & {
    readonly service: string
    readonly version: string
    readonly closers: AsyncDisposableStack
    readonly subscribeAfter?: Promise<void>
  },
): Promise<Resources> {
  const metrics = createMetrics({ service, version })
  const { registry } = metrics
  const tracing = await startTracing({ service, version, logger, config })
  closers.defer(() => tracing?.close())

  const pools = openServerPools(config.DATABASE_URL, {
    connections: config.DATABASE_CONNECTIONS,
    applicationName: `daytona-auth ${service}`,
    onStatement: tracing?.beginStatement,
  })
  closers.defer(() => pools.close())
  poolMetrics(registry, () => readPoolUse(pools.management))
  // The database is examined while the rest is created.
  const databaseReady = waitForDatabase(
    (attempt) => (attempt === 0 ? checkDatabase(pools.verification, now) : checkDatabaseAt(config.DATABASE_URL, now)),
    { waitMs: config.DATABASE_WAIT, warn: (line) => logger.warn(line), signal },
  )
  databaseReady.catch(() => {}) // reported where it is awaited

  const channel = openInvalidationChannel(config, { metrics, logger, after: subscribeAfter ?? databaseReady })
  closers.defer(() => channel.close())
  closers.defer(followPrimary(pools, channel))

  const own = createVerifier({
    database: pools.verification,
    channel,
    logger,
    issuer: config.ISSUER,
    audience: config.API_AUDIENCE,
    registry,
    cacheBytes: config.CREDENTIAL_CACHE_BYTES,
    unknownPerMinute: config.UNKNOWN_CREDENTIALS_PER_MINUTE,
    now,
    ...(monotonicNow && { monotonicNow }),
  })
  const verifier = invalidations ? invalidations.join(own) : own
  closers.defer(() => verifier.close())

  const redis = config.REDIS_URL ? openRedis({ url: config.REDIS_URL, logger, registry }) : undefined
  closers.defer(() => redis?.close())
  const mailer = createMailer({
    smtpUrl: config.SMTP_URL,
    outboxDirectory: config.OUTBOX_DIR,
    from: config.MAIL_FROM ?? `no-reply@${new URL(config.ISSUER).hostname}`,
    fromName: config.BRAND_NAME,
  })
  closers.defer(() => mailer?.close())
  return {
    logger,
    now,
    metrics,
    tracing,
    pools,
    databaseReady,
    channel,
    verifier,
    redis,
    mailer,
    invalidations,
    closers,
  }
}

function openInvalidationChannel(
  { DATABASE_URL }: ServerConfig,
  { metrics, logger, after }: { readonly metrics: Metrics; readonly logger: Logger; readonly after: Promise<void> },
): Channel {
  const observer = channelMetrics(metrics.registry)
  let isLost = false
  return openChannel({
    url: DATABASE_URL,
    after,
    onLag: observer.onLag,
    onClockJump(ms) {
      observer.onClockJump(ms)
      logger.warn({ jumpMs: Math.round(ms) }, 'the clock of this machine jumped')
    },
    onState(state, error) {
      observer.onState(state)
      // While the database is down, reconnection is tried several times a second. The loss is logged once.
      if (state === 'listening') logger.info('invalidation channel listening')
      else if (!isLost) logger.warn({ err: error }, 'invalidation channel lost')
      isLost = state === 'lost'
    },
  })
}
