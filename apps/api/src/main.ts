import { createLogger, runUntilSignal } from '@daytona-auth/service'
import { loadApiConfig } from './config.ts'
import { startApi } from './start.ts'

await runUntilSignal(async (running) => {
  const config = loadApiConfig(process.env)
  running.logger = createLogger({ service: 'api', level: config.LOG_LEVEL })
  const api = await startApi(config, { logger: running.logger, signal: running.stopping })
  running.closers.defer(() => api.close({ drainDelayMs: config.DRAIN_DELAY }))
  running.logger.info({ url: api.url }, 'api ready')
})
