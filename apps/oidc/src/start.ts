import type { AddressInfo } from 'node:net'
import { channelMetrics, createVerifier, type InvalidationGroup } from '@daytona-auth/auth'
import { ensureFirstPartyClients } from '@daytona-auth/db/clients'
import {
  checkPrimary,
  followPrimary,
  openChannel,
  openServerPools,
  readPoolUse,
  waitUntilFresh,
} from '@daytona-auth/db/core'
import { checkDatabase, checkDatabaseAt, isMigrated } from '@daytona-auth/db/operations'
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
import { rotationPace } from '@daytona-auth/signing-keys/rotation-schedule'
import { keyWrapping } from '@daytona-auth/signing-keys/wrap'
import packageJson from '../package.json' with { type: 'json' }
import { buildApp } from './app.ts'
import type { ProviderConfig } from './config.ts'
import { firstPartyClients } from './first-party.ts'
import { createDeviceFlow } from './flows/device/device-flow.ts'
import { createSignInMetrics } from './flows/metrics.ts'
import { createSignOutFlow } from './flows/sign-out/sign-out-flow.ts'
import { shareAttempts } from './limits/shared-attempts.ts'
import { createUnknownLookUps } from './limits/unknown-look-ups.ts'
import { createProviderPages } from './pages/provider-pages.ts'
import { limitAnonymous } from './provider/endpoints/anonymous.ts'
import { followSigningKeys } from './provider/keys/rotation.ts'
import { ensureSigningKeys } from './provider/keys/signing-keys.ts'
import { createProviderMetrics } from './provider/metrics.ts'
import { createProvider } from './provider/provider.ts'
import { createClientDirectory } from './provider/storage/clients.ts'
import { startSweeper } from './provider/storage/sweeper.ts'

export interface StartOptions {
  readonly logger?: ReturnType<typeof createLogger>
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** Aborts the wait for the database. */
  readonly signal?: AbortSignal
  /** The group of the servers in this process, which invalidate each other's caches. */
  readonly invalidations?: InvalidationGroup
}

export interface RunningProvider {
  /** The port it listens on, also if the configuration is 0. */
  readonly port: number
  /** Stops listening, finishes requests in progress, and closes all resources in reverse order. */
  close(): Promise<void>
}

/**
 * Starts a provider once the database is ready. A first start creates the signing keys and our own clients. The server
 * listens when it is ready to serve requests.
 * @throws StartupError with one line that says what to do
 */
export async function startProvider(
  config: ProviderConfig,
  {
    logger = createLogger({ service: 'oidc', level: config.LOG_LEVEL }),
    now = Date.now,
    signal,
    invalidations,
  }: StartOptions = {},
): Promise<RunningProvider> {
  await using opened = new AsyncDisposableStack()
  const served = createMetrics({ service: 'oidc', version: packageJson.version })
  const { registry } = served
  const tracing = await startTracing({ service: 'oidc', version: packageJson.version, logger, config })
  opened.defer(() => tracing?.close())
  const metrics = createProviderMetrics(registry)
  const pools = openServerPools(config.DATABASE_URL, {
    connections: config.DATABASE_CONNECTIONS,
    applicationName: 'daytona-auth oidc',
    onStatement: tracing?.beginStatement,
  })
  opened.defer(() => pools.close())
  const { management: database, verification, background } = pools
  poolMetrics(registry, () => readPoolUse(database))
  await waitForDatabase(
    (attempt) => (attempt === 0 ? checkDatabase(verification, now) : checkDatabaseAt(config.DATABASE_URL, now)),
    { waitMs: config.DATABASE_WAIT, warn: (line) => logger.warn(line), signal },
  )
  const wrapping = keyWrapping(config.SIGNING_KEYS_SECRET)
  await ensureSigningKeys(database, wrapping)
  await ensureFirstPartyClients(database, firstPartyClients(config.ISSUER))

  const invalidationMetrics = channelMetrics(registry)
  const channel = openChannel({
    url: config.DATABASE_URL,
    onLag: invalidationMetrics.onLag,
    onClockJump(ms) {
      invalidationMetrics.onClockJump(ms)
      logger.warn({ jumpMs: Math.round(ms) }, 'the clock of this machine jumped')
    },
    onState(state, err) {
      invalidationMetrics.onState(state)
      logger.info({ state, ...(err !== undefined && { err }) }, 'invalidation channel changed')
    },
  })
  opened.defer(() => channel.close())
  opened.defer(followPrimary(pools, channel))
  const unknown = createUnknownLookUps({ perMinute: config.UNKNOWN_CREDENTIALS_PER_MINUTE })
  const clients = createClientDirectory(database, channel, unknown)
  opened.defer(() => clients.close())
  const unsubscribe = invalidations?.subscribe((change) => {
    if (change.kind === 'client') clients.invalidate(change.id)
  })
  opened.defer(() => unsubscribe?.())
  const own = createVerifier({
    database: verification,
    channel,
    logger,
    now,
    issuer: config.ISSUER,
    audience: config.API_AUDIENCE,
    registry,
    unknownPerMinute: config.UNKNOWN_CREDENTIALS_PER_MINUTE,
    cacheBytes: config.CREDENTIAL_CACHE_BYTES,
  })
  const verifier = invalidations ? invalidations.join(own) : own
  opened.defer(() => verifier.close())
  await verifier.start()

  const redis = config.REDIS_URL ? openRedis({ url: config.REDIS_URL, logger, registry }) : undefined
  opened.defer(() => redis?.close())
  const share = redis && shareAttempts({ redis, secret: config.SIGNING_KEYS_SECRET[0] })

  const pages = createProviderPages(config.ISSUER)
  const flows = {
    device: createDeviceFlow({ config, pages, share, now }),
    signOut: createSignOutFlow(pages),
  }
  const anonymous = limitAnonymous({ config, pages, share, now })
  const rotation = await followSigningKeys({
    database,
    channel,
    wrapping,
    logger,
    pace: rotationPace(config),
    build: (keys) =>
      createProvider({
        config,
        database,
        clients,
        unknown,
        keys,
        pages,
        flows,
        anonymous,
        verifier,
        logger,
        metrics,
        now,
      }),
  })
  opened.defer(() => rotation.close())
  const sweeper = startSweeper(background, logger, {
    consumedKeptMs: config.REFRESH_REUSE_GRACE + config.REFRESH_REUSE_WINDOW,
    ran: taskMetrics(registry),
  })
  opened.defer(() => sweeper.stop())
  const mailer = createMailer({
    smtpUrl: config.SMTP_URL,
    outboxDirectory: config.OUTBOX_DIR,
    from: config.MAIL_FROM ?? `no-reply@${new URL(config.ISSUER).hostname}`,
  })
  opened.defer(() => mailer?.close())
  const app = await buildApp({
    database,
    config,
    mailer,
    share,
    now,
    verifier,
    clients,
    unknown,
    logger,
    metrics: createSignInMetrics(registry),
    tracing,
    http: served.http,
    provider: rotation.current,
    checks: {
      database: () => checkPrimary(pools, channel),
      migrations: async () => {
        if (!(await isMigrated(verification))) throw new Error('migrations are missing')
      },
      keys: async () => {
        if (!verifier.isReady()) throw new Error('signing keys are not loaded')
        if (!rotation.areSigningKeysPublished()) throw new Error('a signing key of this process was removed')
      },
    },
  })
  opened.defer(() => app.close())
  if (config.METRICS_PORT !== undefined) {
    const metricsServer = createMetricsServer({ metrics: served, logger })
    opened.defer(() => metricsServer.close())
    await listen(metricsServer, { host: config.HOST, port: config.METRICS_PORT, portVariable: 'METRICS_PORT' })
  }
  // A short wait saves the first requests a look-up each. Without the channel, results are still correct.
  await waitUntilFresh(channel).catch((err: unknown) =>
    logger.warn({ err }, 'started without the invalidation channel'),
  )
  await listen(app, { host: config.HOST, port: config.PORT, portVariable: 'PORT' })

  const closers = opened.move()
  // A server that listens on TCP has an address and a port.
  const { port } = app.server.address() as AddressInfo
  return { port, close: () => closers.disposeAsync() }
}
