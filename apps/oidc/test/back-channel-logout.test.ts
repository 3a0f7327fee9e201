import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, beforeEach, describe, it } from 'node:test'
import { inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { setAccountDisabled } from '@daytona-auth/db/users'
import { waitFor } from '@daytona-auth/testing'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { inputOf } from './browser/visitor.ts'
import { browser, claimsOf, type Person, redeem, type TestClient, type TestProvider, testProvider } from './fixture.ts'

const LOCAL = { OUTBOUND_NETWORKS: '127.0.0.0/8' }
const provider = await testProvider({ after }, { env: LOCAL })
const { issuer, database } = provider
const { $client: sql } = database
const person = await provider.person()

/** What the apps receive, by the path of their URI. */
const received: { readonly path: string; readonly type: string | undefined; readonly form: URLSearchParams }[] = []
const accept: RequestListener = (_request, response) => void response.end()
let answer = accept
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    received.push({
      path: String(request.url),
      type: request.headers['content-type'],
      form: new URLSearchParams(Buffer.concat(chunks).toString()),
    })
    answer(request, response)
  })
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo // listens on TCP
after(() => {
  server.closeAllConnections()
  server.close()
})

const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`))
const verify = (form: URLSearchParams | undefined, { clientId }: TestClient) =>
  jwtVerify(form?.get('logout_token') ?? '', keys, { issuer, audience: clientId, typ: 'logout+jwt' })

let apps = 0
const receiving = async (more: object = {}, at: TestProvider = provider, owner: Person = person) => {
  const path = `/logout-${apps++}`
  const client = await at.client(owner, { backchannelLogoutUri: `http://127.0.0.1:${port}${path}`, ...more })
  return { ...client, path }
}
const to = ({ path }: { readonly path: string }) => received.filter((each) => each.path === path)
const queued = () => sql<{ clientId: string; attempts: number; seconds: number }[]>`
  SELECT client_id AS "clientId", attempts, extract(epoch FROM due_at - now())::float8 AS seconds
  FROM backchannel_logouts`
const isDelivered = () => waitFor(async () => (await queued()).length === 0)

beforeEach(async () => {
  answer = accept
  received.length = 0
  await sql`DELETE FROM backchannel_logouts`
})

/** Signs a person in at apps, and returns the id_token of the first. */
async function signedIn(who: Person, ...clients: TestClient[]) {
  const at = browser(provider, who)
  const tokens = []
  for (const client of clients) tokens.push((await redeem(provider, client, await at.authorize(client))).body)
  return { at, idToken: tokens[0]?.['id_token'] ?? '', idTokens: tokens.map((each) => each['id_token'] ?? '') }
}

describe('a logout token', () => {
  it('has exactly the claims of the specification, and is sent as a form', async () => {
    for (const idTokenSignedResponseAlg of ['RS256', 'ES256']) {
      const app = await receiving({ idTokenSignedResponseAlg })
      const { at, idToken } = await signedIn(person, app)
      await at.visitor.get(`/oauth/logout?id_token_hint=${idToken}`)
      await isDelivered()
      const [one, ...others] = to(app)
      assert.deepEqual(
        [one?.type, [...(one?.form.keys() ?? [])], others],
        ['application/x-www-form-urlencoded', ['logout_token'], []],
      )
      const { payload, protectedHeader } = await verify(one?.form, app)
      const { iat = 0, exp = 0, jti = '', ...claims } = payload
      assert.deepEqual(claims, {
        iss: issuer,
        aud: app.clientId,
        sub: person.userId,
        sid: claimsOf(idToken)['sid'],
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      })
      assert.deepEqual([protectedHeader.typ, protectedHeader.alg], ['logout+jwt', idTokenSignedResponseAlg])
      assert.ok(jti.length >= 20)
      assert.equal(exp - iat, 120)
      assert.ok(Math.abs(iat - Date.now() / 1000) < 60)
    }
  })

  it('goes to every app of the session with its own sid, and to none that the person only visited', async () => {
    const [first, second, visited, without] = [
      await receiving(),
      await receiving(),
      await receiving(),
      await provider.client(person),
    ]
    const { at, idTokens } = await signedIn(person, first, second, without)
    const other = await signedIn(person, first)
    const { answer: denied } = await at.attempt(visited, { prompt: 'none' })
    assert.equal(denied.location?.searchParams.get('error'), 'consent_required')
    await at.visitor.get(`/oauth/logout?id_token_hint=${idTokens[0]}`)
    await isDelivered()
    for (const [index, app] of [first, second].entries()) {
      const tokens = to(app)
      assert.equal(tokens.length, 1)
      const { payload } = await verify(tokens[0]?.form, app)
      assert.equal(payload['sid'], claimsOf(idTokens[index])['sid'])
      assert.notEqual(payload['sid'], claimsOf(other.idToken)['sid'])
    }
    assert.deepEqual(to(visited), [])
    assert.equal(received.length, 2)
  })
})

describe('a session that ends', () => {
  const ways: Record<
    string,
    (at: Awaited<ReturnType<typeof signedIn>>, who: Person, app: TestClient) => Promise<unknown>
  > = {
    'by a confirmed sign-out': async ({ at }) => {
      const page = await at.visitor.get('/oauth/logout')
      return at.visitor.post('/oauth/logout/confirm', { xsrf: inputOf(page, 'xsrf'), logout: 'yes' })
    },
    'for this app only': async ({ at }, _who, { clientId }) => {
      const page = await at.visitor.get(`/oauth/logout?client_id=${clientId}`)
      return at.visitor.post('/oauth/logout/confirm', { xsrf: inputOf(page, 'xsrf') })
    },
    'as the operator disables the user': (_at, { userId }) =>
      inAudit(database, systemAuthority('test'), [], (tx) => setAccountDisabled(tx, userId, true, 'disabled')),
    'by another account that signs in over it': async ({ at }, _who, app) => {
      const second = await provider.person()
      const over = browser(provider, second)
      for (const cookie of at.visitor.cookies) over.visitor.plant(cookie)
      const { answer: between } = await over.attempt(app, { prompt: 'login' })
      return over.visitor.post('/oauth/logout/confirm', { xsrf: inputOf(between, 'xsrf'), logout: 'yes' })
    },
  }
  it(`is reported: ${Object.keys(ways).join(', ')}`, async () => {
    await Promise.all(
      Object.entries(ways).map(async ([how, end]) => {
        const who = await provider.person()
        const app = await receiving()
        const signed = await signedIn(who, app)
        await end(signed, who, app)
        await waitFor(async () => to(app).length > 0)
        const { payload } = await verify(to(app)[0]?.form, app)
        assert.deepEqual([payload.sub, payload['sid']], [who.userId, claimsOf(signed.idToken)['sid']], how)
      }),
    )
  })

  it('is not reported when its time is over', async () => {
    const who = await provider.person()
    const app = await receiving()
    await signedIn(who, app)
    await sql`UPDATE oidc_artifacts SET expires_at = now() - interval '1 hour' WHERE account_id = ${who.userId}`
    await sql`DELETE FROM oidc_artifacts WHERE account_id = ${who.userId}`
    assert.deepEqual([...(await queued())], [])
  })

  it('is not reported while it continues', async () => {
    const [app, another] = [await receiving(), await receiving()]
    const { at } = await signedIn(person, app, another, app)
    await at.authorize(app, { prompt: 'login' })
    assert.deepEqual([[...(await queued())], to(app), to(another)], [[], [], []])
  })
})

describe('a delivery', () => {
  const failures: Record<string, RequestListener> = {
    'an error': (_request, response) => void response.writeHead(500).end(),
    'a denial': (_request, response) => void response.writeHead(400).end('{"error":"invalid_request"}'),
    'a redirect': (_request, response) => void response.writeHead(302, { location: '/elsewhere' }).end(),
    'a closed connection': ({ socket }) => void socket.destroy(),
  }
  it(`is repeated later, with another jti, after ${Object.keys(failures).join(', ')}`, async () => {
    const failing = await Promise.all(
      Object.values(failures).map(async (answerWith) => ({ answerWith, app: await receiving() })),
    )
    answer = (request, response) =>
      failing.find(({ app }) => app.path === request.url)?.answerWith(request, response) ?? response.end()
    const { at, idToken } = await signedIn(person, ...failing.map(({ app }) => app))
    await at.visitor.get(`/oauth/logout?id_token_hint=${idToken}`)
    await waitFor(async () => failing.every(({ app }) => to(app).length === 1))
    const rows = await queued()
    assert.equal(rows.length, failing.length)
    for (const { attempts, seconds } of rows) assert.ok(attempts === 1 && seconds > 5 && seconds <= 10)
    answer = accept
    await sql`UPDATE backchannel_logouts SET due_at = now()`
    await isDelivered()
    for (const { app } of failing) {
      const [first, second, ...others] = await Promise.all(to(app).map(({ form }) => verify(form, app)))
      assert.equal(second?.payload['sid'], first?.payload['sid'])
      assert.notEqual(second?.payload.jti, first?.payload.jti)
      assert.deepEqual(others, [])
    }
    assert.deepEqual(to({ path: '/elsewhere' }), [])
  })

  it('is given up after the last attempt', async () => {
    answer = (_request, response) => void response.writeHead(500).end()
    const app = await receiving()
    const { at, idToken } = await signedIn(person, app)
    await at.visitor.get(`/oauth/logout?id_token_hint=${idToken}`)
    await waitFor(async () => to(app).length === 1)
    await sql`UPDATE backchannel_logouts SET attempts = 6, due_at = now()`
    await isDelivered()
    assert.equal(to(app).length, 2)
    assert.ok(provider.log.text().includes('logout token was not delivered'))
    assert.equal(provider.log.text().includes('eyJ'), false)
  })

  it('of one app keeps no other waiting', async () => {
    const [silent, prompt] = [await receiving(), await receiving()]
    const { at, idToken } = await signedIn(person, silent, prompt)
    answer = (request, response) => request.url !== silent.path && accept(request, response)
    await sql`INSERT INTO backchannel_logouts (client_id, user_id, sid, due_at)
      SELECT ${silent.clientId}, ${person.userId}, 'earlier ' || n, now() - interval '1 hour' FROM generate_series(1, 100) n`
    await waitFor(async () => to(silent).length > 0)
    await at.visitor.get(`/oauth/logout?id_token_hint=${idToken}`)
    const sent = to(silent).length
    await waitFor(async () => to(prompt).length === 1)
    assert.ok(to(silent).length - sent <= 8)
    server.closeAllConnections()
  })

  it('ends if the app is deleted or withdraws its URI', async () => {
    const [withdrawn, deleted] = [await receiving(), await receiving()]
    await sql`UPDATE oidc_clients SET backchannel_logout_uri = NULL WHERE id = ${withdrawn.clientId}`
    await sql`DELETE FROM oidc_clients WHERE id = ${deleted.clientId}`
    for (const { clientId } of [withdrawn, deleted]) {
      await sql`INSERT INTO backchannel_logouts (client_id, user_id, sid) VALUES (${clientId}, ${person.userId}, 'x')`
    }
    await isDelivered()
    assert.deepEqual([to(withdrawn), to(deleted)], [[], []])
  })

  it('reaches no address that is not public, unless the operator allows it', async (t) => {
    const careful = await testProvider(t)
    const who = await careful.person()
    const at = browser(careful, who)
    for (const host of ['127.0.0.1', 'localhost']) {
      const app = await receiving({ backchannelLogoutUri: `http://${host}:${port}/inside` }, careful, who)
      await redeem(careful, app, await at.authorize(app))
    }
    const page = await at.visitor.get('/oauth/logout')
    await at.visitor.post('/oauth/logout/confirm', { xsrf: inputOf(page, 'xsrf'), logout: 'yes' })
    await waitFor(
      async () => (await careful.database.$client`SELECT FROM backchannel_logouts WHERE attempts = 1`).length === 2,
    )
    await waitFor(
      async () => careful.log.lines().filter(({ msg }) => msg === 'logout token was not delivered').length === 2,
    )
    assert.deepEqual(to({ path: '/inside' }), [])
  })
})
