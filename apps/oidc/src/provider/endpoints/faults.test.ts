import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { badRequest, createLogger, forbidden, notFound, unauthorized, unavailable } from '@daytona-auth/service'
import { captureLog } from '@daytona-auth/testing'
import type { FastifyBaseLogger } from 'fastify'
import Provider, { errors } from 'oidc-provider'
import { createAssets } from '../../pages/assets.ts'
import { createProviderPages } from '../../pages/provider-pages.ts'
import { ROUTES } from '../endpoint-paths.ts'
import { renderUncaughtErrors } from './faults.ts'

const ISSUER = 'http://localhost'
const log = captureLog()
const logger = createLogger({ service: 'oidc', stream: log.stream })

/** What the handler of the next request throws, and what it does before that. */
let fail: () => unknown = () => undefined
let prepare: (ctx: { set(name: string, value: string): void; status: number }) => void = () => {}

const provider = new Provider(ISSUER)
provider.use(
  renderUncaughtErrors({
    pages: createProviderPages({ issuer: ISSUER, brand: 'Daytona', assets: createAssets({}) }),
    logger: logger as FastifyBaseLogger,
  }),
) // pino's type differs
provider.use(async (ctx) => {
  prepare(ctx)
  throw fail()
})
const server = createServer(provider.callback()).listen(0, '127.0.0.1')
await once(server, 'listening')
after(() => server.close())
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const coded = (code: string, more: object = {}) => Object.assign(new Error(`secret ${code}`), { code, ...more })
const OURS = [500, 'server_error']
const AWAY = [503, 'temporarily_unavailable']
const WRONG = [400, 'invalid_request']

/** Errors of each layer: PostgreSQL and its driver, the network, the library, our own code, and non-errors. */
const thrown: Record<string, [() => unknown, (number | string)[]]> = {
  'a lost connection to the database': [() => coded('CONNECTION_CLOSED'), AWAY],
  'a refused connection': [() => coded('ECONNREFUSED', { syscall: 'connect' }), AWAY],
  'a statement that timed out': [() => coded('57014'), AWAY],
  'a deadlock': [() => coded('40P01'), AWAY],
  'a primary that is read-only now': [() => coded('25006'), AWAY],
  'a database error inside a wrapper': [() => new Error('wrapper', { cause: coded('53300') }), AWAY],
  'several errors of connections': [() => new AggregateError([coded('ECONNREFUSED')]), AWAY],
  'our own 503': [() => unavailable('why'), AWAY],
  'a row that was deleted concurrently': [() => coded('23503'), WRONG],
  'a value that cannot be stored': [() => coded('22021'), WRONG],
  'a violated constraint': [() => coded('23505'), OURS],
  'a malformed statement': [() => coded('42601'), OURS],
  'an ended session': [() => new errors.SessionNotFound('gone'), WRONG],
  'a denial of the library': [() => new errors.InvalidRequest('a parameter is missing'), WRONG],
  'a refused client': [() => new errors.InvalidClient('wrong one'), [400, 'invalid_client']],
  'a refused grant': [() => new errors.InvalidGrant('expired'), [400, 'invalid_grant']],
  'a refused scope': [() => new errors.InsufficientScope('no', 'openid'), [403, 'insufficient_scope']],
  'our own 400': [() => badRequest('what is wrong'), WRONG],
  'our own 401': [() => unauthorized('why'), [401, 'invalid_request']],
  'our own 403': [() => forbidden('why'), [403, 'invalid_request']],
  'our own 404': [() => notFound('Sandbox'), [404, 'invalid_request']],
  'a programming error': [() => new TypeError('secret of undefined'), OURS],
  'a stack overflow': [() => new RangeError('secret'), OURS],
  'an error with a status of success': [() => Object.assign(new Error('secret'), { statusCode: 200 }), OURS],
  'an error with an invalid status': [() => Object.assign(new Error('secret'), { status: 99_999 }), OURS],
  'an error with headers': [() => Object.assign(new Error('secret'), { headers: { 'x-secret': '1' } }), OURS],
  'a missing file': [() => coded('ENOENT'), OURS],
  'an error that cannot be changed': [() => Object.freeze(new Error('secret')), OURS],
  'an error that is its own cause': [
    () => {
      const error = new Error('secret')
      error.cause = error
      return error
    },
    OURS,
  ],
  'an object without a prototype': [() => Object.create(null), OURS],
  'a text': [() => 'secret', OURS],
  'a number': [() => 404, OURS],
  undefined: [() => undefined, OURS],
  null: [() => null, OURS],
}
const PAGES = [ROUTES.authorization, `${ROUTES.authorization}/x`, ROUTES.end_session, ROUTES.code_verification]
const ENDPOINTS = [ROUTES.token, ROUTES.revocation, ROUTES.introspection, ROUTES.jwks, '/oauth/nowhere']

describe(`an error thrown past the library (${Object.keys(thrown).length} kinds)`, () => {
  for (const [what, [make, [status, error]]] of Object.entries(thrown)) {
    it(`is rendered in the format of RFC 6749 or as a page, without its cause: ${what}`, async () => {
      fail = make
      prepare = (ctx) => {
        ctx.set('location', 'https://app.example.test/?code=secret')
        ctx.status = 302
      }
      for (const path of [...ENDPOINTS, ...PAGES]) {
        const response = await fetch(url + path, { redirect: 'manual' })
        const text = await response.text()
        assert.equal(response.status, status, path)
        assert.equal(response.headers.get('location'), null)
        assert.equal(response.headers.get('retry-after'), status === 503 ? '1' : null)
        assert.match(response.headers.get('cache-control') ?? '', /no-store/)
        assert.doesNotMatch(text + JSON.stringify([...response.headers]), /secret/)
        if (PAGES.includes(path)) {
          assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
          assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/)
        } else {
          const body = JSON.parse(text)
          assert.deepEqual(Object.keys(body), ['error', 'error_description'])
          assert.equal(body.error, error)
        }
      }
    })
  }
})
