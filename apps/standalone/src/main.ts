import { join } from 'node:path'
import { findBundledDashboard, startApi } from '@daytona-auth/api'
import { invalidationGroup } from '@daytona-auth/auth'
import { ensureDashboard } from '@daytona-auth/dashboard/built'
import { connect } from '@daytona-auth/db/core'
import { startProvider } from '@daytona-auth/oidc'
import { createLogger, runUntilSignal } from '@daytona-auth/service'
import { formatAnnouncement } from './announcement.ts'
import { loadServerConfigs, loadStandaloneConfig } from './config.ts'
import { openDataDirectory } from './data-directory.ts'
import { startDatabase } from './database.ts'
import { ensureFirstAccount } from './first-run.ts'
import { watchLauncher } from './launcher.ts'
import { requireFreePort } from './port.ts'

/** Longer than PostgreSQL's slowest shutdown. */
const STOP_MS = 30_000

const stopWatching = watchLauncher(() => process.kill(process.pid, 'SIGTERM'))
// After a first signal, a second one would end the process before everything is closed.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stopWatching)
// The terminal was closed.
process.once('SIGHUP', () => process.kill(process.pid, 'SIGTERM'))

await runUntilSignal(
  async (running) => {
    const { closers } = running
    const config = loadStandaloneConfig(process.env)
    await requireFreePort(config.HOST, config.PORT)
    const data = await openDataDirectory(config.DATA_DIR)
    closers.defer(() => data.release())
    const servers = loadServerConfigs(process.env, config, {
      signingKeysSecret: (await data.ensureSecret('signing-keys-secret')).file,
      cookieKeys: (await data.ensureSecret('cookie-keys')).file,
      resourceSecretsKey: (await data.ensureSecret('resource-secrets-key')).file,
      auditAnchorKeys: (await data.ensureSecret('audit-anchor-keys')).file,
    })

    // Built beside the start of the database, if its sources have changed.
    const dashboard = findBundledDashboard() ?? ensureDashboard(join(data.path, 'dashboard'))
    Promise.resolve(dashboard).catch(() => {}) // reported below, where it is awaited

    const database = await startDatabase(config, data, running.stopping)
    closers.defer(() => database.stop())
    const setup = connect(database.url, { max: 1, applicationName: 'daytona-auth first run' })
    const outcome = await ensureFirstAccount(setup, data.credentialsFile, config.ISSUER).finally(() =>
      setup.$client.end(),
    )

    // Standard output is for the user; the servers log to standard error.
    const stream = process.stderr
    const invalidations = invalidationGroup()
    const provider = await startProvider(
      { ...servers.provider, DATABASE_URL: database.url },
      { logger: createLogger({ service: 'oidc', level: config.LOG_LEVEL, stream }), invalidations },
    )
    closers.defer(() => provider.close())
    running.logger = createLogger({ service: 'api', level: config.LOG_LEVEL, stream })
    const api = await startApi(
      { ...servers.api, DATABASE_URL: database.url, PROVIDER_URL: `http://127.0.0.1:${provider.port}` },
      { logger: running.logger, invalidations, dashboard: await dashboard },
    )
    closers.defer(() => api.close())

    process.stdout.write(
      formatAnnouncement({
        outcome,
        credentialsFile: data.credentialsFile,
        dataPath: data.path,
        databasePath: database.directory,
        outboxPath: servers.provider.SMTP_URL === undefined ? servers.provider.OUTBOX_DIR : undefined,
        isTerminal: process.stdout.isTTY === true,
        origin: `http://localhost:${config.PORT}`,
        dashboardUrl: `${config.ISSUER}/dashboard`,
      }),
    )
  },
  { deadlineMs: STOP_MS },
)
