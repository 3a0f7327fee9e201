import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, describe, it } from 'node:test'
import { loadApiConfig, startApi } from '@daytona-auth/api'
import { loadProviderConfig, startProvider } from '@daytona-auth/oidc'
import { createLogger } from '@daytona-auth/service'
import { captureLog, freePort, onFastifyInstance, testDatabase } from '@daytona-auth/testing'

/** Identifies a request in both servers. */
const PROBE = 'x-test-probe'
/** The route of the provider whose handler was called for a request, by the value of `PROBE`. */
const reached = new Map<string, string>()
const providerRoutes = new Set<string>()

/** The parts of a Fastify instance that this test uses. */
interface Instance {
  addHook(name: 'onRoute', hook: (route: { url: string }) => void): void
  addHook(name: 'preHandler', hook: (request: RoutedRequest, reply: unknown, done: () => void) => void): void
}

interface RoutedRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly routeOptions: { readonly url?: string }
}

let isProvider = true
onFastifyInstance<Instance>({ after }, (fastify) => {
  if (!isProvider) return
  fastify.addHook('onRoute', ({ url }) => void providerRoutes.add(url))
  // The protocol's handlers take the response out of Fastify's hands: no later hook runs for them.
  fastify.addHook('preHandler', (request, _reply, done) => {
    reached.set(String(request.headers[PROBE]), `${request.method} ${request.routeOptions.url}`)
    done()
  })
})

const { serverUrls } = await testDatabase({ after })
const apiPort = await freePort()
const host = `127.0.0.1:${apiPort}`
const log = captureLog()
const logger = createLogger({ service: 'test', level: 'error', stream: log.stream })
const MANY = '1000000'
const provider = await startProvider(
  loadProviderConfig({
    DATABASE_URL: serverUrls.provider,
    ISSUER: `http://${host}`,
    HOST: '127.0.0.1',
    PORT: '0',
    TRUSTED_PROXIES: '127.0.0.1/32',
    SIGNING_KEYS_SECRET: 'signing keys secret of this test 1',
    COOKIE_KEYS: 'cookie key of this test and long enough',
    ANONYMOUS_AUTHORIZATIONS_ADDRESS_LIMIT: MANY,
    DEVICE_CODES_ADDRESS_LIMIT: MANY,
    UNKNOWN_CREDENTIALS_PER_MINUTE: MANY,
    USER_CODE_GUESSES_ADDRESS_LIMIT: MANY,
  }),
  { logger },
)
after(() => provider.close())
isProvider = false
const api = await startApi(
  loadApiConfig({
    DATABASE_URL: serverUrls.api,
    ISSUER: `http://${host}`,
    HOST: '127.0.0.1',
    PORT: String(apiPort),
    PROVIDER_URL: `http://127.0.0.1:${provider.port}`,
    REQUESTS_PER_MINUTE: MANY,
  }),
  { logger },
)
after(() => api.close())

/** All paths of the provider that the API forwards, with something that does not exist in place of each parameter. */
const paths = [...providerRoutes]
  .filter((url) => url.startsWith('/oauth/') || url.startsWith('/.well-known/'))
  .map((url) => url.replaceAll(/:\w+/g, 'none').replace('*', 'x'))
const METHODS = ['GET', 'POST', 'OPTIONS']

/** Forms of a request target (RFC 9112 §3.2), and what is none of them. */
const forms: Record<string, (path: string) => string> = {
  origin: (path) => path,
  'absolute, of the issuer': (path) => `http://${host}${path}`,
  'absolute, of the issuer in capitals': (path) => `HTTP://${host}${path}`,
  'absolute, with https': (path) => `https://${host}${path}`,
  'absolute, of another host': (path) => `http://other.example${path}`,
  'absolute, of another port': (path) => `http://127.0.0.1:1${path}`,
  'absolute, with userinfo': (path) => `http://user@${host}${path}`,
  'absolute, with an authority that is none': (path) => `http://[::1${path}`,
  'absolute, without an authority': (path) => `http://${path}`,
  'absolute, with one slash': (path) => `http:${path}`,
  'absolute, with backslashes': (path) => `http:\\\\${host}${path.replaceAll('/', '\\')}`,
  'absolute, of another scheme': (path) => `ftp://${host}${path}`,
  'of a scheme without an authority': (path) => `javascript:${path}`,
  'an authority and a path': (path) => `//other.example${path}`,
  'no path': (path) => path.slice(1),
  'an authority': () => host,
  asterisk: () => '*',
}
/** What may stand after a path, and changes which route it has or makes it malformed. */
const suffixes: Record<string, string> = {
  'an empty query': '?',
  'a bad escape in its query': '?a=%zz&b=%c3',
  'a thousand parameters': `?${'a&'.repeat(1000)}`,
  'a URL in its query': '?x=http://other.example/',
  'a fragment': '#x',
  'an encoded fragment': '%23x',
  'an encoded query': '%3fx',
  'a bad escape': '%zz',
  'an escape of half a character': '%c3',
  'an encoded NUL': '%00',
  'a slash': '/',
  'two slashes': '//',
  'an encoded slash': '%2f',
  'an encoded backslash': '%5c',
  'a dot segment': '/.',
  'a segment that goes back': '/../token',
  'an encoded segment that goes back': '/%2e%2e/token',
  'a path parameter': ';x=1',
  'a backslash': '\\..\\token',
  'a byte that is no ASCII': '\u00ff',
  'a space': ' x',
  'a tab': '\t',
  '15,000 characters': `/${'%25'.repeat(5000)}`,
}
const targets: Record<string, (path: string) => string> = { ...forms }
for (const [name, suffix] of Object.entries(suffixes)) {
  targets[`with ${name}`] = (path) => path + suffix
  targets[`absolute, with ${name}`] = (path) => `http://${host}${path}${suffix}`
}

/** Segments that a URL parser would resolve. */
const DOT_SEGMENT = /[/\\](?:\.|%2e){1,2}(?:[/\\]|$)/

/** Of a form that may be sent a few times a minute from one address. */
const TOO_MANY = 429

interface Outcome {
  readonly status: number
  readonly route: string | undefined
}

/** Longer than an answer takes on a machine under load. */
const ANSWER_MS = 20_000

let probes = 0
/** Sends a request target byte for byte. */
async function probe(port: number, method: string, target: string): Promise<Outcome> {
  const id = String(++probes)
  const body = method === 'POST' ? 'a=b' : ''
  const head = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    `${PROBE}: ${id}`,
    'Connection: close',
    ...(body === '' ? [] : ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`]),
  ]
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.setTimeout(ANSWER_MS, () =>
    socket.destroy(new Error(`no end of the answer to ${method} ${target.slice(0, 200)}: ${received.slice(0, 1000)}`)),
  )
  socket.setEncoding('latin1').on('data', (chunk) => (received += chunk))
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1')
  await once(socket, 'close')
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(received) ?? []
  const route = reached.get(id)
  reached.delete(id)
  return { status: Number(status), route }
}

const plain = new Map<string, Outcome>()
for (const path of paths)
  for (const method of METHODS) plain.set(`${method} ${path}`, await probe(provider.port, method, path))

describe('a request target, at the API and at the provider behind it', () => {
  it('is tried for all paths of the provider', () => {
    assert.ok(paths.length > 20, String(paths.length))
    for (const path of ['/oauth/token', '/oauth/interaction/none/sign-in', '/.well-known/jwks.json'])
      assert.ok(paths.includes(path), path)
    assert.equal(plain.get('GET /oauth/authorize')?.route, 'GET /oauth/authorize')
  })

  for (const [what, make] of Object.entries(targets)) {
    it(`has no fault and reaches the same: ${what} (${paths.length} paths, ${METHODS.length} methods)`, async () => {
      for (const path of paths) {
        await Promise.all(
          METHODS.map(async (method) => {
            const target = make(path)
            const direct = await probe(provider.port, method, target)
            const forwarded = await probe(api.port, method, target)
            const name = `${method} ${target.slice(0, 200)}: ${JSON.stringify({ direct, forwarded })}`
            for (const { status } of [direct, forwarded]) assert.ok(status >= 200 && status < 500, name)
            // The API refuses segments of dots, which the provider takes for the value of a parameter.
            assert.equal(forwarded.route, DOT_SEGMENT.test(target) ? undefined : direct.route, name)
            const isLimited = [direct, forwarded].some(({ status }) => status === TOO_MANY)
            if (forwarded.route !== undefined && !isLimited) assert.equal(forwarded.status, direct.status, name)
          }),
        )
      }
    })
  }

  for (const what of ['absolute, of the issuer', 'absolute, of the issuer in capitals', 'absolute, with https']) {
    it(`reaches what its path reaches: ${what} (${paths.length} paths)`, async () => {
      for (const path of paths) {
        for (const method of METHODS) {
          const target = forms[what]?.(path) ?? ''
          const { status, route } = await probe(api.port, method, target)
          const known = plain.get(`${method} ${path}`)
          assert.equal(route, known?.route, `${method} ${target}`)
          if (status !== TOO_MANY) assert.equal(status, known?.status, `${method} ${target}`)
        }
      }
    })
  }

  for (const what of ['absolute, of another host', 'absolute, of another port']) {
    it(`reaches nothing of the provider: ${what} (${paths.length} paths)`, async () => {
      for (const path of paths) {
        for (const method of METHODS) {
          const target = forms[what]?.(path) ?? ''
          const { status, route } = await probe(api.port, method, target)
          assert.deepEqual([status, route], [421, undefined], `${method} ${target}`)
        }
      }
    })
  }

  it('leaves no error in the log', () => {
    assert.equal(log.text(), '')
  })
})
