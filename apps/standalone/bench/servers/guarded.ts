import { buildApi, loadApiConfig } from '@daytona-auth/api'
import { createVerifier } from '@daytona-auth/auth'
import { connect, openChannel, waitUntilFresh } from '@daytona-auth/db/core'
import { createLogger, createMetrics } from '@daytona-auth/service'
import { usageRecorder } from '../../../api/src/features/usage/recorder.ts'
import { addBareRoutes, addRoute } from './route.ts'

// The API, built as `startApi` builds it, with one additional guarded route and the same route without a check.
const config = loadApiConfig(process.env)
// Log lines without authentication must be as long as those with it.
const facts = process.env['BARE'] && {
  principal: 'api-key',
  keyId: 'key_06f0x2m4n8q3r7t1v5w9y0',
  userId: 'usr_06f0x2m4n8q3r7t1v5w9y0',
  organizationId: 'org_06f0x2m4n8q3r7t1v5w9y0',
}
const logger = createLogger({ service: 'bench' }).child(facts || {})
const metrics = createMetrics({ service: 'bench', version: '0' })
const database = connect(config.DATABASE_URL, { max: config.DATABASE_CONNECTIONS })
const channel = openChannel({ url: config.DATABASE_URL })
const verifier = createVerifier({
  database,
  channel,
  logger,
  issuer: config.ISSUER,
  audience: config.API_AUDIENCE,
  registry: metrics.registry,
})
// Counted, and never written: writes happen on a timer, not during a request.
const usage = usageRecorder({ write: async () => {}, now: Date.now })
const app = await buildApi({
  config,
  logger,
  database,
  verifier,
  channel,
  metrics,
  lookUpTxt: async () => [],
  onDecision: usage.count,
})
addRoute(app, '/bench', { access: 'read:sandboxes', organization: 'header' })
addBareRoutes(app)
await verifier.start()
await waitUntilFresh(channel)
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) })
// A regular exit, so that Node writes a profile.
process.once('SIGTERM', () => process.exit(0))
