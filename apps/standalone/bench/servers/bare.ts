import {
  type CallerFacts,
  createLogger,
  createMetrics,
  createServer,
  sendRefusal,
  unauthorized,
} from '@daytona-auth/service'
import { crossOrigin } from '../../../api/src/cross-origin.ts'
import { addRoute } from './route.ts'

// The measure of all others: the server that every part here uses, with one route and nobody asking who calls.
const { http: timings } = createMetrics({ service: 'bench', version: '0' })
// Each line of its log is as long as one that says who asked: what is measured is finding that out, not writing it down.
const facts: CallerFacts = {
  principal: 'api-key',
  keyId: 'key_06f0x2m4n8q3r7t1v5w9y0',
  userId: 'usr_06f0x2m4n8q3r7t1v5w9y0',
  organizationId: 'org_06f0x2m4n8q3r7t1v5w9y0',
}
const app = createServer({
  logger: createLogger({ service: 'bench' }),
  timings,
  callerOf: ({ url }) => (url === '/bench' ? facts : undefined),
})
await app.register(crossOrigin) // its headers are part of the response
addRoute(app, {}, { 'x-ratelimit-limit': 10_000, 'x-ratelimit-remaining': 9999, 'x-ratelimit-reset': 60 })
// What the guard says to a malformed key, said to everybody.
const refusal = unauthorized('bench', {
  headers: {
    'www-authenticate':
      'Bearer error="invalid_token", resource_metadata="http://localhost:3000/.well-known/oauth-protected-resource"',
  },
})
app.get('/refused', (_request, reply) => sendRefusal(reply, refusal))
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) })
