import { createLogger, createMetrics, createServer } from '@daytona-auth/service'
import { crossOrigin } from '../../../api/src/http/cross-origin.ts'
import { addBareRoutes } from './route.ts'

// The reference for a start: the server that every part uses, with the bare route only.
const { http: timings } = createMetrics({ service: 'bench', version: '0' })
const app = createServer({ logger: createLogger({ service: 'bench' }), timings })
await app.register(crossOrigin)
addBareRoutes(app)
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) })
