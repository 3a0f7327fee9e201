import { createLogger, runUntilSignal } from '@daytona-auth/service'
import { loadProviderConfig } from './config.ts'
import { startProvider } from './start.ts'

await runUntilSignal(async (running) => {
  const config = loadProviderConfig(process.env)
  const logger = createLogger({ service: 'oidc', level: config.LOG_LEVEL })
  running.logger = logger
  const provider = await startProvider(config, { logger, signal: running.stopping })
  running.closers.defer(() => provider.close({ drainDelayMs: config.DRAIN_DELAY }))
  logger.info({ port: provider.port, issuer: config.ISSUER }, 'listening')
})
