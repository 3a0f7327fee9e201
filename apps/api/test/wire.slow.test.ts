import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, METHODS } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { after, describe, it } from 'node:test'
import { mintKey } from '@daytona-auth/auth'
import { tcpProxy, waitFor } from '@daytona-auth/testing'
import { targetSender, type WireAnswer } from './raw-http.ts'
import { collectRoutes, PROBE } from './registered-routes.ts'
import { errorBody, world } from './world.ts'

/** A server in place of the provider, which answers with the target that it received. */
const provider = createServer((request, response) => {
  request.resume()
  response
    .writeHead(200, { 'content-type': 'text/plain', 'x-target': encodeURIComponent(request.url ?? '').slice(0, 1000) })
    .end()
})
provider.listen(0, '127.0.0.1')
await once(provider, 'listening')
after(() => provider.closeAllConnections())
after(() => provider.close())
const PROVIDER_URL = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`

const { registered, answeredBy } = collectRoutes({ after })
const {
  url: databaseUrl,
  api,
  anotherApi,
  person,
} = await world(
  { after },
  // A fast machine sends more than the default within a minute.
  { PROVIDER_URL, REQUESTS_PER_MINUTE: '10000000' },
)
const routes = registered.filter(({ url }) => url !== '*').slice()
const send = targetSender({ after }, Number(new URL(api.url).port))
const ada = await person()
const organization = await ada.organization()
const { value: token } = await ada.token()
const signedIn = { authorization: `Bearer ${token}`, 'x-daytona-organization-id': organization }

/** Paths with a nonexistent value for each parameter and wildcard. */
const pathOf = (url: string) => url.replaceAll(/:\w+/g, 'none').replace('*', 'x')
const methodsOf = ({ method }: (typeof routes)[number]) => [method].flat()

/** Every path, with the methods of all routes that match its text: `/api-keys/current` also matches `/api-keys/:name`. */
const methodsByPath = new Map(
  [...new Set(routes.map(({ url }) => pathOf(url)))].map((path) => {
    const fits = routes.filter(({ url }) =>
      new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+').replace('*', '.*')}$`).test(path),
    )
    return [path, new Set(fits.flatMap(methodsOf))]
  }),
)
const paths = [...methodsByPath.keys()]
const ALL_METHODS = METHODS.filter((method) => method !== 'CONNECT')

/** A script of any origin may read the answer, denials included. */
function isReadable({ headers }: Pick<WireAnswer, 'headers'>, name: string): void {
  assert.equal(headers['access-control-allow-origin'], '*', name)
}

const withBody = (method: string, headers: Record<string, string>) =>
  ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method)
    ? { headers }
    : { headers: { ...headers, 'content-type': 'application/json' }, body: '{}' }

it('covers every route of the API', () => {
  assert.ok(paths.length > 60, `only ${paths.length} paths`)
  for (const path of ['/api-keys/none', '/auth/verify', '/oauth/x', '/docs', '/health/ready', '/openapi.json']) {
    assert.ok(methodsByPath.has(path), path)
  }
})

describe('a path in another spelling', () => {
  const hex = (text: string) => [...text].map((one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')
  /** Spellings of the same text: percent-encoded unreserved characters (RFC 3986 §6.2.2.2), and the prefix of clients. */
  const equivalent: Record<string, (path: string) => string> = {
    'percent-encoded in its first letter': (path) => path.replace(/[a-z]/, hex),
    'percent-encoded in its last letter': (path) => path.replace(/[a-z](?=[^a-z]*$)/, hex),
    'percent-encoded in all letters': (path) => path.replaceAll(/[a-z]/g, hex),
    'percent-encoded in upper case': (path) => path.replaceAll(/[a-z]/g, (one) => hex(one).toUpperCase()),
    'with an empty query': (path) => `${path}?`,
  }
  const other: Record<string, (path: string) => string> = {
    'with a slash at its end': (path) => `${path}/`,
    'with a doubled slash': (path) => `/${path}`,
    'with a doubled slash within': (path) => path.replace(/(.)\//, '$1//'),
    'with a doubled slash at its end': (path) => path.replace(/\/([^/]*)$/, '//$1'),
    'in capitals': (path) => path.toUpperCase(),
    'with one capital at its end': (path) => path.replace(/[a-z](?=[^a-z]*$)/, (one) => one.toUpperCase()),
    'with an encoded slash': (path) => path.replace(/(.)\//, '$1%2F'),
    'with an encoded slash at its end': (path) => `${path}%2f`,
    'encoded twice': (path) => path.replace(/[a-z]/, (one) => `%25${hex(one).slice(1)}`),
    'behind a dot segment': (path) => `/.${path}`,
    'behind a segment that goes back': (path) => `/x/..${path}`,
    'behind an encoded segment that goes back': (path) => `/x/%2e%2e${path}`,
    'with a dot segment at its end': (path) => `${path}/.`,
    'with a segment at its end that goes back': (path) => `${path}/x/..`,
    'with a dot at its end': (path) => `${path}.`,
    'with a path parameter at its end': (path) => `${path};x=1`,
    'with a path parameter within': (path) => path.replace(/^(\/[^/]+)/, '$1;x'),
    'with a space at its end': (path) => `${path}%20`,
    'with a NUL at its end': (path) => `${path}%00`,
    'with an encoded question mark': (path) => `${path}%3fx=1`,
    'with a fragment': (path) => `${path}#x`,
    'with an encoded number sign': (path) => `${path}%23x`,
    'with a backslash': (path) => path.replace(/(.)\//, '$1\\'),
    'with an extension': (path) => `${path}.json`,
    'with a letter that folds to another one': (path) =>
      path.replace(/[sk](?=[^sk]*$)/, (one) => (one === 's' ? '%C5%BF' : '%E2%84%AA')),
    'behind another prefix in capitals': (path) => `/API${path}`,
    'behind an encoded prefix': (path) => `/%61pi${path}`,
    'behind two prefixes': (path) => `/api/api${path}`,
    'with an empty parameter': (path) => path.replace('none', ''),
    'with another empty parameter': (path) => path.replace(/none(?!.*none)/, ''),
  }

  let probes = 0
  const probe = async (method: string, target: string, headers: Record<string, string>) => {
    const id = String(++probes)
    const answer = await send(method, target, withBody(method, { ...headers, [PROBE]: id }))
    const route = answeredBy.get(id)
    answeredBy.delete(id)
    return { ...answer, route }
  }
  type Probed = Awaited<ReturnType<typeof probe>>

  const plainAnswers = new Map<string, Probed>()
  /** Returns the response to the path as registered. */
  const probePlain = async (method: string, path: string, who: keyof typeof callers) => {
    const known = plainAnswers.get(`${who} ${method} ${path}`)
    const answer = known ?? (await probe(method, path, callers[who]))
    plainAnswers.set(`${who} ${method} ${path}`, answer)
    return answer
  }

  /** Returns the rules of a route that are visible to a caller or an operator. */
  const rulesOf = ({ status, headers, route }: Probed) => ({
    status,
    route,
    type: headers['content-type'],
    challenge: headers['www-authenticate'],
    isLimited: headers['x-ratelimit-limit'] !== undefined,
    allow: headers['allow'],
  })
  const members = routes.flatMap((route) => methodsOf(route).map((method) => ({ method, path: pathOf(route.url) })))
  // A route for all methods has the same hooks and handler for each.
  const tried = members.filter(({ method, path }) =>
    methodsByPath.get(path)?.size === ALL_METHODS.length ? ['GET', 'POST'].includes(method) : true,
  )
  const callers = { 'without a credential': {}, 'with a token': signedIn } as const
  const entries = Object.entries(callers) as [keyof typeof callers, Record<string, string>][] // the members of the constant
  const isDenial = ({ status }: WireAnswer) => status >= 400 && status < 500

  for (const [what, vary] of Object.entries(equivalent)) {
    for (const [who, headers] of entries) {
      it(`${what} is the same route, ${who} (${tried.length} routes)`, async () => {
        for (const { method, path } of tried) {
          const [plain, spelt] = [await probePlain(method, path, who), await probe(method, vary(path), headers)]
          assert.ok(plain.route && plain.status < 500, `${method} ${path}: ${plain.status}`)
          assert.deepEqual(rulesOf(spelt), rulesOf(plain), `${method} ${vary(path)}`)
        }
      })
    }
  }

  it(`behind the prefix of stock clients is the same route, except for paths that exist only at the root (${tried.length} routes)`, async () => {
    for (const { method, path } of tried) {
      const [plain, prefixed] = [
        await probePlain(method, path, 'with a token'),
        await probe(method, `/api${path}`, signedIn),
      ]
      if (/^\/(?:oauth|\.well-known|health)(?:\/|$)/.test(path))
        assert.deepEqual([prefixed.status, prefixed.route], [404, undefined], path)
      else assert.deepEqual(rulesOf(prefixed), rulesOf(plain), `${method} ${path}`)
    }
  })

  for (const [what, vary] of Object.entries(other)) {
    for (const [who, headers] of entries) {
      it(`${what} is the same route or refused, ${who} (${tried.length} routes)`, async () => {
        for (const { method, path } of tried) {
          const target = vary(path)
          if (target === path) continue
          const [plain, spelt] = [await probePlain(method, path, who), await probe(method, target, headers)]
          const name = `${method} ${target}: ${spelt.status} ${spelt.body.slice(0, 100)}`
          if (spelt.route === undefined) assert.ok([400, 404, 405].includes(spelt.status), name)
          else if (spelt.route.url === '/oauth/*') assert.ok(path.startsWith('/oauth/') && spelt.status < 500, name)
          // The value of a parameter is a nonexistent name.
          else assert.ok(isDenial(spelt), name)
          if (who === 'without a credential' && plain.status === 401) assert.ok(isDenial(spelt), name)
        }
      })
    }
  }

  it('matches no route with an empty parameter', async () => {
    for (const { method, path } of tried) {
      if (!path.includes('none')) continue
      for (const position of path.matchAll(/none/g)) {
        const target = `${path.slice(0, position.index)}${path.slice(position.index + 'none'.length)}`
        const { status, headers, route } = await probe(method, target, signedIn)
        assert.deepEqual([status, route], [404, undefined], `${method} ${target}`)
        isReadable({ headers }, `${method} ${target}`)
      }
    }
  })
})

describe('a method that a path does not support', () => {
  const allowed = (path: string) => [...(methodsByPath.get(path) ?? []), 'OPTIONS'].sort().join(', ')
  const wrong = paths.flatMap((path) =>
    ALL_METHODS.filter((method) => method !== 'OPTIONS' && !methodsByPath.get(path)?.has(method)).map((method) => ({
      method,
      path,
    })),
  )

  function isMethodNotAllowed(answer: WireAnswer, method: string, path: string): void {
    assert.equal(answer.status, 405, `${method} ${path}`)
    assert.equal(answer.headers['allow'], allowed(path), `${method} ${path}`)
    assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
    assert.equal(answer.headers['access-control-allow-origin'], '*')
    const body =
      method === 'HEAD' ? '' : JSON.stringify(errorBody(405, 'Method Not Allowed', 'Method is not allowed here'))
    assert.equal(answer.body, body)
  }

  it(`is 405 with the supported methods (${wrong.length} pairs of ${paths.length} paths)`, async () => {
    assert.ok(wrong.length > 1500, String(wrong.length))
    for (const { method, path } of wrong) isMethodNotAllowed(await send(method, path), method, path)
  })

  it('is 405 under the prefix of stock clients, and with any body', async () => {
    const xml = { 'content-type': 'application/xml', 'content-encoding': 'gzip' }
    isMethodNotAllowed(await send('PUT', '/api/sandbox', { headers: xml, body: '<a/>' }), 'PUT', '/sandbox')
  })

  it('costs no look-up of the credential: it is 405 while the database does not answer', async (t) => {
    const network = await tcpProxy(t, databaseUrl)
    const stalled = await anotherApi({ DATABASE_URL: network.url })
    const sendTo = targetSender(t, Number(new URL(stalled.url).port))
    network.stall()
    t.after(() => network.pass())
    for (const path of paths) {
      const [method] = ['PUT', 'PATCH', 'PROPFIND'].filter((one) => !methodsByPath.get(path)?.has(one))
      if (method === undefined) continue
      const headers = { authorization: `Bearer ${mintKey().key}` }
      isMethodNotAllowed(await sendTo(method, path, { headers }), method, path)
    }
  })

  it(`OPTIONS names the methods of each path, and none for an unknown path (${paths.length} paths)`, async () => {
    for (const path of paths) {
      // These routes handle OPTIONS themselves.
      if (methodsByPath.get(path)?.has('OPTIONS')) continue
      const { status, headers } = await send('OPTIONS', path)
      assert.deepEqual([status, headers['allow']], [204, allowed(path)], path)
    }
    assert.equal((await send('OPTIONS', '/nowhere')).headers['allow'], undefined)
  })

  it('is 404 for an unknown path, and for an empty or overlong parameter', async () => {
    for (const path of ['/nowhere', '/', '/api-keys/', `/api-keys/${'x'.repeat(5000)}`, '/api-keys/a/b/c']) {
      const { status, headers } = await send('PUT', path)
      assert.deepEqual([status, headers['allow']], [404, undefined], path.slice(0, 40))
    }
  })
})

describe('a request target', () => {
  const host = new URL(api.url).host
  const targets: Record<string, (path: string) => string> = {
    'absolute, with our authority': (path) => `http://${host}${path}`,
    'absolute, with another authority': (path) => `http://other.example${path}`,
    'absolute, with https': (path) => `HTTPS://other.example:8443${path}`,
    'absolute, with userinfo': (path) => `http://user@${host}${path}`,
    'absolute, with an invalid authority': (path) => `http://[::1${path}`,
    'absolute, without an authority': (path) => `http://${path}`,
    'absolute, of another scheme': (path) => `ftp://${host}${path}`,
    'of a scheme without an authority': (path) => `javascript:${path}`,
    'with an authority and no scheme': (path) => `//other.example${path}`,
    'that is no path': (path) => path.slice(1),
    'that is an authority': () => 'other.example:443',
    'that is a query': () => '?x',
    'with a bad escape': (path) => `${path}%zz`,
    'with an escape of half a character': (path) => `${path}%c3`,
    'with a bad escape in its query': (path) => `${path}?a=%zz&b=%c3`,
    'with a NUL': (path) => `${path}%00`,
    'with dots': (path) => `${path}/../../x`,
    'with backslashes': (path) => `${path}\\..\\x`,
    'with bytes that are no ASCII': (path) => `${path}\u00ff`,
    'with a thousand parameters': (path) => `${path}?${'a&'.repeat(1000)}`,
    'of 15,000 characters': (path) => `${path}/${'%25'.repeat(5000)}`,
    asterisk: () => '*',
  }
  const methods = ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'TRACE']
  /** Paths whose routes name the origins that may read their answers. */
  const ownOrigins = new Set(routes.filter(({ config }) => config?.cors === false).map(({ url }) => pathOf(url)))
  for (const [what, make] of Object.entries(targets)) {
    it(`causes no 5xx: ${what} (${paths.length} paths, ${methods.length} methods)`, async () => {
      for (const path of paths) {
        for (const method of methods) {
          // Node's parser refuses it before it reads the method, so even HEAD is answered with a body.
          if (method === 'HEAD' && /^(?!\/|\*|\w+:\/\/)|[^ -~]/.test(make(path))) continue
          const answer = await send(method, make(path), { headers: signedIn })
          const name = `${method} ${make(path).slice(0, 100)}: ${answer.status}`
          assert.ok(answer.status >= 200 && answer.status < 500, name)
          if (!ownOrigins.has(path) && !answer.body.includes('Malformed HTTP request')) isReadable(answer, name)
        }
      }
    })
  }

  it(`in absolute form is routed by its path (${paths.length} paths)`, async () => {
    for (const path of paths) {
      const [plain, absolute] = [
        await send('GET', path, { headers: signedIn }),
        await send('GET', `http://other.example${path}`, { headers: signedIn }),
      ]
      assert.deepEqual([absolute.status, absolute.headers['x-target']], [plain.status, plain.headers['x-target']], path)
    }
  })

  it('without a Host header is refused, and a script of any origin may read why', async () => {
    const received = await exchange('GET /api-keys HTTP/1.1\r\n\r\n')
    assert.match(received, /^HTTP\/1\.1 400 /)
    assert.match(received, /\r\naccess-control-allow-origin: \*\r\n/i)
  })

  for (const head of [
    'CONNECT other.example:443 HTTP/1.1',
    'GET other.example:443 HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    'GET http:// HTTP/1.1',
  ]) {
    it(`does not affect the server: ${head}`, async () => {
      const received = await exchange(`${head}\r\nHost: other.example\r\n\r\n`)
      assert.match(received, /^(?:HTTP\/1\.1 [24]\d\d |$)/)
      assert.equal((await send('GET', '/health')).status, 200)
    })
  }
})

/** Sends bytes to the API and returns its complete answer. */
async function exchange(sent: string): Promise<string> {
  const socket = connect(api.port, '127.0.0.1')
  let received = ''
  socket.on('data', (chunk) => (received += chunk))
  socket.end(sent)
  await once(socket, 'close')
  return received
}

it('still answers after all of these', async () => {
  await waitFor(async () => (await send('GET', '/health/ready')).status === 200)
})
