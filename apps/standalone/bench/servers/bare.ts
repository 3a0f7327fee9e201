import { createLogger, createMetrics, createServer } from '@daytona-auth/service'
import { crossOrigin } from '../../../api/src/cross-origin.ts'
import { addRoute } from './route.ts'

// The measure of all others: the server that every part here uses, with one route and nobody asking who calls.
const { http: timings } = createMetrics({ service: 'bench', version: '0' })
const app = createServer({ logger: createLogger({ service: 'bench' }), timings })
await app.register(crossOrigin) // its headers are part of the response
addRoute(app, {})
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) })
