import assert from 'node:assert/strict'
import { request as httpRequest, type IncomingHttpHeaders, METHODS, type OutgoingHttpHeaders } from 'node:http'
import { after, describe, it } from 'node:test'
import { FORM_FAULTS, mintKey } from '@daytona-auth/auth'
import { waitFor } from '@daytona-auth/testing'
import { missing, service, startCaddy, startNginx } from '../../../test/proxies.ts'
import { errorBody, FORBIDDEN, UNAUTHORIZED_KEY, UNAUTHORIZED_TOKEN, world } from '../../../test/world.ts'

const { request, person, database, api, anotherApi } = await world({ after })
const ada = await person()
const organization = await ada.organization()
const reader = await ada.key(organization, ['read:sandboxes', 'read:volumes'])
const admin = await ada.key(organization, ['admin:organization'])
const traveller = await ada.key(organization, ['read:sandboxes'], {
  organizationIds: [ada.personalOrganizationId],
})
const { value: token } = await ada.token()
const PATH = '/auth/verify'
const READ = `${PATH}?permission=read:sandboxes`

/** Sends a request with its path unchanged: `fetch` would normalize it. */
const send = (port: number, path: string, headers: OutgoingHttpHeaders = {}, method = 'GET', body?: string) =>
  new Promise<{ status: number; headers: IncomingHttpHeaders; text: string }>((resolve, reject) => {
    const outgoing = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (incoming) => {
      let text = ''
      incoming.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }))
    })
    outgoing.on('error', reject).end(body)
  })
const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` })

describe('/auth/verify', () => {
  it('answers 401 to every invalid credential', async () => {
    const wrong = [null, 'x', mintKey().key, `${reader.value} `.repeat(2), '\u00ff', 'x'.repeat(9000)]
    for (const credential of wrong) {
      const answer = await request('GET', READ, credential)
      assert.deepEqual([answer.status, answer.body], [401, UNAUTHORIZED_KEY])
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer /)
    }
    for (const [query, scope] of [
      ['?permission=read:sandboxes', 'read:sandboxes'],
      ['?permission=write:volumes&permission=read:sandboxes', 'read:sandboxes write:volumes'],
      ['?permission=read:nothing', undefined],
    ] as const) {
      const answer = await request('GET', `${PATH}${query}`, null)
      const [, named] = /scope="([^"]*)"/.exec(answer.headers.get('www-authenticate') ?? '') ?? []
      assert.equal(named, scope, query)
    }
    const answer = await request('GET', PATH, 'a.b.c')
    assert.deepEqual([answer.status, answer.body], [401, UNAUTHORIZED_TOKEN])
    const basic = await request('GET', PATH, null, { headers: { authorization: `Basic ${reader.value}` } })
    assert.equal(basic.status, 401)
  })

  it('states what is wrong with the form of a credential, and nothing about whether it exists', async () => {
    const describe = async (headers: Record<string, string>, query = '') => {
      const { headers: sent } = await request('GET', PATH + query, null, { headers })
      return /error_description="([^"]*)"/.exec(sent.get('www-authenticate') ?? '')?.[1]
    }
    assert.equal(await describe({}), FORM_FAULTS.noHeader)
    assert.equal(await describe({}, `?api_key=${reader.value}`), FORM_FAULTS.inQuery)
    assert.equal(await describe({ 'x-api-key': reader.value }), FORM_FAULTS.inOtherHeader)
    assert.equal(await describe({ authorization: reader.value }), FORM_FAULTS.noScheme)
    assert.equal(await describe(bearer(reader.value.slice(0, -1))), FORM_FAULTS.keyTooShort)
    assert.equal(await describe(bearer('YOUR_API_KEY')), FORM_FAULTS.placeholder)
    assert.equal(await describe(bearer(mintKey().key)), 'The API key is well-formed, but unknown, expired or revoked')
  })

  it('answers 401 to a credential in the query, with or without a valid one in the header', async () => {
    for (const name of ['access_token', 'api_key']) {
      for (const credential of [null, reader.value]) {
        const answer = await request('GET', `${PATH}?${name}=${reader.value}`, credential)
        assert.deepEqual([answer.status, answer.body], [401, UNAUTHORIZED_KEY])
      }
    }
  })

  it('answers 403 naming the missing permission, whichever of several it is', async () => {
    for (const query of ['write:sandboxes', 'read:sandboxes&permission=write:sandboxes']) {
      const answer = await request('GET', `${PATH}?permission=${query}`, reader.value)
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
      assert.equal(
        answer.headers.get('www-authenticate'),
        'Bearer error="insufficient_scope", scope="write:sandboxes", error_description="The credential lacks the permission write:sandboxes"',
      )
    }
  })

  it('answers 403 to an unknown permission, to an administrator too', async () => {
    for (const query of ['', 'read:everything', 'READ:SANDBOXES', 'read:sandboxes,read:volumes', 'constructor']) {
      const answer = await request('GET', `${READ}&permission=${query}`, admin.value)
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    }
  })

  it('answers 401 to a query that is not UTF-8, at any position', async () => {
    for (const query of ['permission=%', 'permission=%ff', 'a=%c3', '%ff=a', '&'.repeat(1001)]) {
      for (const credential of [admin.value, null]) {
        const answer = await request('GET', `${READ}&${query}`, credential)
        assert.deepEqual([answer.status, answer.body], [401, UNAUTHORIZED_KEY])
        assert.equal(answer.headers.get('www-authenticate')?.startsWith('Bearer'), true)
      }
    }
  })

  it('names the permissions of the query that exist in the challenge of every 401', async () => {
    const metadata = 'resource_metadata="https://api.example.test/.well-known/oauth-protected-resource"'
    const scopes = {
      '': '',
      'permission=read:sandboxes&': 'scope="read:sandboxes", ',
      'permission=write:volumes&permission=read:nothing&permission=read:sandboxes&':
        'scope="read:sandboxes write:volumes", ',
      'permission=read:nothing&': '',
    }
    const denied = {
      'not UTF-8': 'x=%ff',
      'badly percent-encoded': 'permission=%',
      'of too many members': '&'.repeat(1001),
      'with an unknown member': 'permissions=read:volumes',
      'with a credential': `access_token=${reader.value}`,
    }
    // Their values are not read.
    const beyondBounds = {
      'with too many values': 'permission=x&'.repeat(200),
      'with a long value': `permission=${'x'.repeat(65)}`,
    }
    for (const [query, scopeRead] of Object.entries(scopes)) {
      for (const [what, more] of Object.entries({ ...denied, ...beyondBounds })) {
        const scope = Object.hasOwn(beyondBounds, what) ? '' : scopeRead
        for (const credential of [null, admin.value, token]) {
          const answer = await request('GET', `${PATH}?${query}${more}`, credential, { organization })
          assert.deepEqual([answer.status, answer.body], [401, UNAUTHORIZED_KEY], what)
          const challenge = answer.headers.get('www-authenticate')
          assert.ok(challenge?.startsWith(`Bearer ${scope}${metadata}, error_description="`), `${query} ${what}`)
        }
      }
      const wrong = await request('GET', `${PATH}?${query}`, mintKey().key)
      assert.equal(
        wrong.headers.get('www-authenticate'),
        `Bearer error="invalid_token", ${scopeRead}${metadata}, error_description="The API key is well-formed, but unknown, expired or revoked"`,
        query,
      )
    }
  })

  it('answers 401 to any other member of the query, including a misspelt one', async () => {
    const queries = [
      'permissions=read:sandboxes',
      'permission=read:sandboxes&permissions=write:sandboxes',
      'Permission=read:sandboxes',
      'permission[]=read:sandboxes',
      'permission%20=read:sandboxes',
      'organization=org_1',
      '__proto__=x',
      'constructor=x',
      'permissions',
    ]
    for (const query of queries) {
      for (const credential of [reader.value, admin.value, token]) {
        const answer = await request('GET', `${PATH}?${query}`, credential, { organization })
        assert.equal(answer.status, 401, query)
        assert.equal(answer.headers.get('x-auth-user-id'), null, query)
        assert.equal(answer.headers.get('www-authenticate')?.startsWith('Bearer'), true, query)
      }
    }
  })

  it('answers 403 to a write in a suspended organization, and 200 to a read', async () => {
    const suspended = await ada.organization()
    const { value } = await ada.key(suspended, ['admin:organization'])
    const status = async (query: string, credential = value) =>
      (await request('GET', `${PATH}?${query}`, credential, { organization: suspended })).status
    assert.equal(await status('permission=write:sandboxes'), 200)
    await database.$client`
      UPDATE organizations SET suspended_at = now(), suspension_reason = 'unpaid' WHERE id = ${suspended}`
    await waitFor(async () => (await status('permission=write:sandboxes')) === 403)
    for (const credential of [value, token]) {
      for (const name of ['sandboxes', 'snapshots', 'volumes', 'registries']) {
        for (const query of [
          `permission=write:${name}`,
          `permission=read:${name}&permission=write:${name}`,
          `permission=write:${name}&permission=read:${name}`,
        ]) {
          assert.equal(await status(query, credential), 403, query)
        }
        assert.equal(await status(`permission=read:${name}`, credential), 200, name)
      }
      assert.equal(await status('', credential), 200)
    }
    const answer = await request('GET', `${PATH}?permission=write:sandboxes`, value, { organization: suspended })
    assert.deepEqual(answer.body, errorBody(403, 'Forbidden', 'Organization is suspended: unpaid'))
    await database.$client`UPDATE organizations SET suspended_until = '2020-01-01T00:00:00Z' WHERE id = ${suspended}`
    await waitFor(async () => (await status('permission=write:sandboxes')) === 200)
  })

  it('answers 403 if the organization is ambiguous or outside access', async () => {
    const ambiguous = await request('GET', PATH, traveller.value)
    const sentence = 'X-Daytona-Organization-ID header is required: this credential has access to 2 organizations'
    assert.deepEqual([ambiguous.status, ambiguous.body], [403, errorBody(403, 'Forbidden', sentence)])
    const outside = await request('GET', PATH, traveller.value, { organization: 'org_unknown' })
    assert.deepEqual([outside.status, outside.body], [403, FORBIDDEN])
    assert.match(
      ambiguous.headers.get('www-authenticate') ?? '',
      /error_description="X-Daytona-Organization-ID header is/,
    )
    assert.match(
      outside.headers.get('www-authenticate') ?? '',
      /error_description="X-Daytona-Organization-ID names no /,
    )
  })

  it('answers 403 with X-Auth-Status instead of 429', async () => {
    // A clock that stands still: a slow machine gets no more look-ups than a fast one.
    const strict = await anotherApi({ UNKNOWN_CREDENTIALS_PER_MINUTE: '1' }, { monotonicNow: () => 0 })
    const answers = []
    for (let count = 0; count < 15; count += 1) {
      const answer = await request('GET', PATH, mintKey().key, { api: strict })
      answers.push(answer.status)
      if (answer.status === 401) continue
      assert.deepEqual([answer.status, answer.body], [403, errorBody(403, 'Forbidden', 'Rate limit exceeded')])
      assert.equal(answer.headers.get('x-auth-status'), '429')
      assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
      assert.match(answer.headers.get('www-authenticate') ?? '', /error_description="Rate limit exceeded"/)
    }
    // One of the minute, and the ten of a second.
    assert.deepEqual(answers, [...Array(11).fill(401), ...Array(4).fill(403)])
  })

  it('answers 200 with the user, organization, credential and all permissions', async () => {
    const identityOf = ({ headers }: { headers: Headers }) =>
      ['user-id', 'organization-id', 'credential', 'permissions'].map((name) => headers.get(`x-auth-${name}`))
    const key = await request('GET', `${READ}&permission=read:volumes`, reader.value)
    assert.deepEqual([key.status, key.text, key.headers.get('cache-control')], [200, '', 'no-store'])
    const mine = [ada.userId, organization]
    assert.deepEqual(identityOf(key), [...mine, `api-key:${reader.id}`, 'read:sandboxes,read:volumes'])
    const all =
      'read:sandboxes,write:sandboxes,read:snapshots,write:snapshots,read:volumes,write:volumes,read:registries,write:registries,admin:organization'
    assert.deepEqual(identityOf(await request('GET', READ, admin.value)), [...mine, `api-key:${admin.id}`, all])
    const person = await request('GET', `/api${READ}`, token, { organization })
    assert.equal(person.status, 200, person.text)
    assert.deepEqual(identityOf(person), [...mine, 'token:daytona-dashboard', all])
  })

  it('answers every method and body alike, and gives a preflight no exception', async () => {
    const preflight = { origin: 'https://evil.example', 'access-control-request-method': 'GET' }
    for (const method of METHODS.filter((name) => name !== 'CONNECT')) {
      const body = ['GET', 'HEAD', 'TRACE', 'QUERY'].includes(method) ? undefined : '{"api_key": '
      for (const type of body === undefined ? [undefined] : ['application/json', 'x', '']) {
        const more = { ...preflight, ...(type !== undefined && { 'content-type': type }) }
        assert.equal((await send(api.port, PATH, more, method, body)).status, 401, method)
        const answer = await send(api.port, PATH, { ...bearer(reader.value), ...more }, method, body)
        assert.deepEqual([answer.status, answer.headers['x-auth-user-id']], [200, ada.userId], method)
      }
    }
  })
})

for (const [program, start] of [
  ['nginx', startNginx],
  ['caddy', startCaddy],
] as const) {
  describe(`a service behind ${program}`, { skip: missing(program) }, async () => {
    const scope = { after }
    const { port: servicePort, requests } = await service(scope)
    const port = missing(program) ? 0 : await start(scope, { apiPort: api.port, servicePort })
    const reached = async (path: string, headers?: OutgoingHttpHeaders) => {
      requests.length = 0
      const { status } = await send(port, path, headers)
      return { status, arrived: requests.splice(0) }
    }
    const tricks = (target: string) => [
      `/${target}`,
      `//${target}`,
      `/./${target}`,
      `/healthz/../${target}`,
      `/healthz/%2e%2e/${target}`,
      `/healthz/..%2f${target}`,
      `/healthz%2f..%2f${target}`,
      `/healthz/..;/${target}`,
      `/healthz/..%5c${target}`,
      `/healthz%00/${target}`,
      `/healthz%23/../${target}`,
      `/healthz?/../${target}`,
      `/%${target.charCodeAt(0).toString(16)}${target.slice(1)}`,
      `/${target}?x=/healthz`,
      `/${target};/healthz`,
      `http://127.0.0.1/${target}`,
    ]

    it('is unreachable without a credential, in every spelling of the path', async () => {
      for (const path of [...tricks('secret'), ...tricks('admin/x'), '/_auth', '/healthz/', '/HEALTHZ/x', '/']) {
        const { status, arrived } = await reached(path)
        // The public path itself may be reached, with any query.
        const isPublic = arrived.every(({ url }) => new URL(url, 'http://service').pathname === '/healthz')
        assert.ok(isPublic, `${path} arrived as ${arrived[0]?.url}`)
        if (arrived.length === 0) assert.ok([400, 401, 404].includes(status), `${path}: ${status}`)
      }
    })

    it('is unreachable with an invalid credential and with identity headers of the client', async () => {
      for (const headers of [
        bearer('x'),
        bearer(mintKey().key),
        { 'x-auth-user-id': ada.userId, 'x-auth-credential': `api-key:${admin.id}` },
        { 'x-original-uri': '/healthz', 'x-forwarded-uri': '/healthz', 'x-original-method': 'OPTIONS' },
      ]) {
        const { status, arrived } = await reached('/secret', headers)
        // 403: over the limit for unknown credentials.
        assert.ok([401, 403].includes(status), String(status))
        assert.deepEqual(arrived, [])
      }
    })

    it('receives no request that the caller lacks the permission for, in any spelling of the path', async () => {
      for (const path of tricks('admin/x')) {
        const { arrived } = await reached(path, bearer(reader.value))
        for (const { url } of arrived) {
          assert.doesNotMatch(decodeURIComponent(new URL(url, 'http://service').pathname), /^\/+admin/, path)
        }
      }
      assert.equal((await reached('/admin/x', bearer(reader.value))).status, 403)
      assert.equal((await reached('/admin/x', bearer(admin.value))).status, 200)
    })

    it('receives identity headers from the API and never from the client', async () => {
      const spoofed = Object.fromEntries(
        ['X-Auth-User-Id', 'X-Auth-Organization-Id', 'X-Auth-Credential', 'X-Auth-Permissions', 'X_Auth_User_Id'].map(
          (name) => [name, 'mallory'],
        ),
      )
      const { status, arrived } = await reached('/secret', { ...bearer(reader.value), ...spoofed })
      assert.equal(status, 200)
      const [{ headers } = { headers: {} }] = arrived
      const identity = Object.entries(headers).filter(([name]) => /^x.auth/.test(name))
      assert.deepEqual(Object.fromEntries(identity), {
        'x-auth-user-id': ada.userId,
        'x-auth-organization-id': organization,
        'x-auth-credential': `api-key:${reader.id}`,
        'x-auth-permissions': 'read:sandboxes,read:volumes',
      })
      assert.equal((await reached('/healthz')).status, 200)
    })
  })
}
