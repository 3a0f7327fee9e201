import type { AddressInfo } from 'node:net'
import { waitUntilFresh } from '@daytona-auth/db/core'
import { createMetricsServer, listen, type Server, setDrainDelay, taskMetrics } from '@daytona-auth/service'
import { type Periodic, startTask, type Task } from './periodic.ts'
import { openResources, type Resources, type ServerConfig, type ServerOptions } from './resources.ts'

/** What a server adds to the resources that every server has. */
export interface ServerDefinition {
  /** Its name in logs, metrics, traces and `pg_stat_activity`. */
  readonly service: 'api' | 'oidc'
  readonly version: string
  /**
   * `after-loading`: listens once signing keys and channel are loaded, so that no request is answered earlier.
   * `before-loading`: is live at once and ready afterwards; the database may still lack what another server creates.
   */
  readonly listens: 'after-loading' | 'before-loading'
  /** Builds the application. What it opens itself, it closes by `resources.closers`. */
  readonly build: (resources: Resources) => Promise<Application>
}

export interface Application {
  readonly app: Server
  /** Started before the server listens, and ended between requests and resources at shutdown. */
  readonly tasks?: readonly Task[]
}

/** A server that listens. */
export interface RunningServer {
  /** The port it listens on, also if the configuration is 0. */
  readonly port: number
  /**
   * Finishes requests in progress, ends the tasks, and closes all resources in reverse order. Idle connections stay open for
   * `drainDelayMs`, by default 0.
   */
  close(options?: CloseOptions): Promise<void>
}

export interface CloseOptions {
  readonly drainDelayMs?: number
}

/**
 * Opens the resources, builds the application and listens once the database is ready. If the database becomes
 * unreachable later, requests are answered with 503 until it is back.
 * @throws StartupError with one line that states what to do
 */
export async function startServer(
  config: ServerConfig,
  { service, version, listens, build }: ServerDefinition,
  options: ServerOptions = {},
): Promise<RunningServer> {
  await using opened = new AsyncDisposableStack()
  const listening = Promise.withResolvers<void>()
  const resources = await openResources(config, {
    ...options,
    service,
    version,
    closers: opened,
    // A server that listens early subscribes afterwards: startup then opens two connections fewer at once.
    ...(listens === 'before-loading' && { subscribeAfter: listening.promise }),
  })
  const { metrics, logger, verifier, channel, databaseReady } = resources
  const { app, tasks = [] } = await build(resources)

  // Requests end before their resources are closed. A task delays the shutdown by one batch at most.
  const running: Periodic[] = []
  opened.defer(async () => {
    await Promise.all(running.map((task) => task.close()))
  })
  opened.defer(async () => {
    for (const task of running) task.stop()
    await app.close()
  })
  await Promise.all([app.ready(), databaseReady])

  const ran = taskMetrics(metrics.registry)
  for (const task of tasks) running.push(startTask(task, { logger, ran }))

  const { HOST: host, PORT, METRICS_PORT } = config
  if (METRICS_PORT !== undefined) {
    const metricsServer = createMetricsServer({ metrics, logger })
    opened.defer(() => metricsServer.close())
    await listen(metricsServer, { host, port: METRICS_PORT, portVariable: 'METRICS_PORT' })
  }
  if (listens === 'after-loading') {
    await verifier.start()
    // A short wait saves the first requests a look-up each. Without the channel, results are still correct.
    await waitUntilFresh(channel).catch((err: unknown) =>
      logger.warn({ err }, 'started without the invalidation channel'),
    )
  }
  await listen(app, { host, port: PORT, portVariable: 'PORT' })
  listening.resolve()
  if (listens === 'before-loading') await verifier.start()

  const closers = opened.move()
  const { port } = app.server.address() as AddressInfo // it listens on a TCP port, never a socket path
  return {
    port,
    close({ drainDelayMs = 0 } = {}) {
      setDrainDelay(app, drainDelayMs)
      return closers.disposeAsync()
    },
  }
}
