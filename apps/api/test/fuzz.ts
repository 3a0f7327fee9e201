import assert from 'node:assert/strict'
import { Agent, request as httpRequest, type OutgoingHttpHeaders } from 'node:http'
import { after, describe, it } from 'node:test'
import { type DenialStatus, ERROR_CODES } from '@daytona-auth/service'
import { unicodeString } from '@daytona-auth/testing/unicode'
import fc from 'fast-check'
import { type Route, routesOf } from './routes.ts'
import { world } from './world.ts'

const { FUZZ_SEED, FUZZ_RUNS } = process.env

/**
 * The same inputs in every run of the tests: a change is not refused because of a fault that another one made. `pnpm fuzz` sends
 * new ones, and `FUZZ_SEED` repeats a run.
 */
const SEED = Number(FUZZ_SEED ?? (FUZZ_RUNS ? Date.now() % 2 ** 31 : 1))

const { request, api, person, log } = await world(
  { after },
  {
    REQUESTS_PER_MINUTE: '10000000',
    UNKNOWN_CREDENTIALS_PER_MINUTE: '10000000',
    SANDBOX_CREATIONS_PER_MINUTE: '10000000',
  },
)
const ada = await person('Ada')
const organization = await ada.organization()
const { value: token } = await ada.token()
const { value: key } = await ada.key(organization, ['admin:organization'], { name: 'unguessed' })
await ada.key(organization, ['read:sandboxes'], { name: 'fuzz' })
const document = (await request('GET', '/openapi.json')).body as Document
const routes = routesOf(await request('GET', '/openapi.json'))
const agent = new Agent({ keepAlive: true, maxSockets: 4 })
after(() => agent.destroy())

interface Document {
  paths: Record<string, Record<string, { parameters?: { in: string; name: string }[] }>>
  components: { schemas: Record<string, { properties?: object }> }
}

/** Values that have caused errors in this or other projects. */
const nasty = fc.constantFrom(
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\u202e',
  'ﷺ',
  '😀'.repeat(200),
  '__proto__',
  'constructor',
  'toString',
  'null',
  '-1',
  '0',
  '1e999',
  'NaN',
  '9'.repeat(400),
  '0x10',
  "'; DROP TABLE users; --",
  '{{7*7}}',
  '%',
  '%00',
  '%zz',
  '..',
  '../../etc/passwd',
  '\\',
  '<script>',
  '\r\nX: y',
  'true',
  '[]',
  '{}',
  '{"a":1}',
  '2026-02-30T00:00:00Z',
  '9999-12-31T23:59:59-23:59',
  '0001-01-01T00:00:00+23:59',
  '2030-01-01T00:00:00Z',
  'org_',
  'key_',
  'read:sandboxes',
  'all',
  'active',
  'name',
  'asc',
  'cpu',
  Buffer.from('["cpu","1","x"]').toString('base64url'),
  'fuzz',
  'current',
  Buffer.from('["name","a\\u0000","x"]').toString('base64url'),
  organization,
  ada.userId,
)
const text = fc.oneof(nasty, unicodeString({ maxLength: 60 }), fc.string({ maxLength: 300 }))
const leaf = fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.bigInt().map(String))

/** Names of members of bodies and queries, so that values reach the code that reads them. */
const members = [
  ...new Set(
    Object.values(document.components.schemas)
      .flatMap(({ properties = {} }) => Object.keys(properties))
      .concat(['alias', 'api_key', 'access_token', '__proto__', 'constructor']),
  ),
]
const parameters = [
  ...new Set(
    Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).flatMap(({ parameters: all = [] }) =>
        all.filter((one) => one.in === 'query').map(({ name }) => name),
      ),
    ),
  ),
]

const good = fc.constantFrom<Record<string, unknown>>(
  {},
  { name: 'x', permissions: ['read:sandboxes'] },
  { name: 'App', type: 'web', redirectUris: ['https://a.test/cb'], scopes: ['openid'] },
  { name: 'x', labels: {}, env: {}, cpu: 1 },
  { name: 'x', description: '', permissions: ['read:volumes'] },
  { email: 'x@example.test', role: 'member', assignedRoleIds: [] },
  { labels: { a: 'b' }, state: 'started' },
  { name: 'x', url: 'docker.io', username: 'x', password: 'x' },
)
const value = fc.oneof(leaf, fc.array(leaf, { maxLength: 4 }), fc.dictionary(text, leaf, { maxKeys: 4 }))
const object = fc.tuple(good, fc.dictionary(fc.constantFrom(...members), value, { maxKeys: 4 })).map(([base, more]) =>
  // `defineProperty`, because an assignment to `__proto__` creates no member.
  Object.entries(more).reduce(
    (made, [name, member]) =>
      Object.defineProperty(made, name, { value: member, enumerable: true, configurable: true, writable: true }),
    { ...base },
  ),
)
const body = fc.oneof(
  { weight: 6, arbitrary: object.map((made) => JSON.stringify(made)) },
  { weight: 1, arbitrary: fc.jsonValue().map((made) => JSON.stringify(made)) },
  { weight: 1, arbitrary: text },
)
const query = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...parameters), text), text), { maxLength: 4 })

/** Visible ASCII and Latin-1: Node's client refuses to send other characters. */
const headerText = text.map((made) => made.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?'))
const headers = fc.record(
  {
    authorization: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(`Bearer ${token}`, `bearer ${key}`) },
      { weight: 1, arbitrary: headerText.map((made) => `Bearer ${made}`) },
      { weight: 1, arbitrary: headerText },
    ),
    'x-daytona-organization-id': fc.oneof({ weight: 12, arbitrary: fc.constant(organization) }, headerText),
    'content-type': fc.oneof(
      { weight: 9, arbitrary: fc.constant('application/json') },
      fc.constantFrom('application/json; charset=latin1', 'text/plain', 'x', ''),
    ),
    'user-agent': headerText,
    origin: headerText,
    'x-request-id': headerText,
    'x-forwarded-for': headerText,
    accept: headerText,
    'content-encoding': fc.constantFrom('gzip', 'br', 'identity'),
  },
  { requiredKeys: ['authorization', 'x-daytona-organization-id', 'content-type'] },
)
/** A path segment, usually encoded correctly, sometimes not. */
const segment = fc.oneof(
  { weight: 4, arbitrary: text.map((made) => encodeURIComponent(made.toWellFormed())) },
  { weight: 1, arbitrary: text.map((made) => made.replaceAll(/[^\x21-\x7e]/g, '%')) },
)

const send = (method: string, path: string, given: OutgoingHttpHeaders, sent: string | undefined) =>
  new Promise<{ status: number; text: string; type: string | undefined; code: string }>((resolve, reject) => {
    const outgoing = httpRequest(
      { host: '127.0.0.1', port: api.port, method, path, headers: given, agent },
      (incoming) => {
        let received = ''
        const type = incoming.headers['content-type']
        const answer = () =>
          resolve({
            status: incoming.statusCode ?? 0,
            text: received,
            type,
            code: String(incoming.headers['x-error-code']),
          })
        if (type?.startsWith('text/event-stream')) {
          // It does not end: its headers are the answer.
          incoming.destroy()
          answer()
          return
        }
        incoming.setEncoding('utf8').on('data', (chunk) => (received += chunk))
        incoming.on('end', answer)
      },
    )
    outgoing.on('error', reject)
    outgoing.end(sent)
  })

/** Excludes the deletion of the organization that the other requests use. */
const within = ({ method, template }: Pick<Route, 'method' | 'template'>): string => {
  const isEnd = method === 'DELETE' && template === '/organizations/{organizationId}'
  return template.replace('{organizationId}', isEnd ? ada.personalOrganizationId : organization)
}

const pathOf = (template: string, segments: readonly string[], pairs: readonly (readonly [string, string])[]) => {
  let at = 0
  const path = template.replaceAll(/\{\w+\}/g, () => segments[at++] ?? 'x')
  const search = pairs.map(([name, given]) =>
    [name, given].map((part) => encodeURIComponent(part.toWellFormed())).join('='),
  )
  return search.length > 0 ? `${path}?${search.join('&')}` : path
}

/** Sends `runs` malformed requests to each route of an API with a database of its own. */
export function describeFuzz(runs: number): void {
  describe(`no input causes a 500 (seed ${SEED}, ${runs} runs per route)`, () => {
    const statuses: Record<string, number> = {}
    const attempt = async (route: Pick<Route, 'method' | 'template'>) => {
      const { method } = route
      const path = within(route)
      const asked = fc.tuple(fc.array(segment, { minLength: 2, maxLength: 2 }), query, headers, body)
      await fc.assert(
        fc.asyncProperty(asked, async ([segments, pairs, given, sent]) => {
          const withBody = !['GET', 'HEAD', 'DELETE'].includes(method)
          const answer = await send(method, pathOf(path, segments, pairs), given, withBody ? sent : undefined)
          statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
          assert.ok(answer.status < 500, `${answer.status}: ${answer.text}`)
          if (answer.status < 400) return
          assert.equal(answer.type, 'application/json; charset=utf-8')
          const codes = ERROR_CODES[answer.status as DenialStatus]
          assert.ok(codes && Object.hasOwn(codes, answer.code), `${answer.status} with the code ${answer.code}`)
          const denial = JSON.parse(answer.text)
          assert.deepEqual(Object.keys(denial).slice(0, 3), ['statusCode', 'message', 'error'])
          assert.equal(denial.statusCode, answer.status)
        }),
        { numRuns: runs, seed: SEED, endOnFailure: false },
      )
    }

    for (const route of routes) it(`${route.method} ${route.template}`, () => attempt(route))
    it('any path', () => attempt({ method: 'GET', template: '/{a}/{b}' }))
    it('any method', async () => {
      for (const method of ['OPTIONS', 'PATCH', 'PUT', 'TRACE', 'PROPFIND', 'HEAD']) {
        assert.ok((await send(method, '/api-keys', {}, undefined)).status < 500, method)
      }
    })

    it('leaves the process healthy and its log without errors', async (t) => {
      t.diagnostic(`statuses: ${JSON.stringify(statuses)}`)
      assert.equal((await request('GET', '/health/ready')).status, 200)
      assert.deepEqual(
        log.lines().filter(({ level }) => ['error', 'fatal'].includes(String(level))),
        [],
      )
    })
  })
}
