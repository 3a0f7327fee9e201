import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, describe, it } from 'node:test'
import type { ResourceServerRow } from '@daytona-auth/db/clients'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import { answerPage, arriveAtConsent } from './browser/device.ts'
import { organizationOf } from './browser/harness.ts'
import { authorizationRequest, visitor } from './browser/visitor.ts'
import {
  type Authorization,
  browser,
  CLI,
  claimsOf,
  DASHBOARD,
  DEVICE_CODE,
  headerOf,
  type Person,
  post,
  redeem,
  refresh,
  resourceIn,
  revoke,
  type TestClient,
  testProvider,
  userinfo,
} from './fixture.ts'
import { READ, resourceServersOf, WRITE } from './resource-servers.ts'

const provider = await testProvider({ after })
const { issuer, database } = provider
const servers = resourceServersOf(provider)
const ada = await provider.person()
const owner = await provider.person('Grace Hopper')
const app = await provider.client(ada)
const another = await provider.client(ada)
/** A confidential client of the APIs' organization, which introspects. */
const introspecting = await provider.client(owner)
const at = browser(provider, ada)
const FULL = 'openid offline_access invoices:read invoices:write read:sandboxes'

const authorize = (api: ResourceServerRow, scope = FULL, client = app) =>
  at.authorize(client, { resource: api.identifier, scope })
const tokensOf = async (api: ResourceServerRow, scope = FULL) => {
  const { status, body } = await redeem(provider, app, await authorize(api, scope))
  assert.equal(status, 200, JSON.stringify(body))
  return { access: body['access_token'] ?? '', refresh: body['refresh_token'] ?? '', body }
}
const redeemWith = (client: TestClient, { code, verifier, redirectUri }: Authorization, resource: string) =>
  post(provider, '/oauth/token', client, {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: redirectUri,
    resource,
  })
const introspect = async (token: string, client = introspecting) =>
  (await post(provider, '/oauth/introspect', client, { token })).body as Record<string, unknown>
const isRefused = ({ status, body }: Awaited<ReturnType<typeof post>>, error: string) =>
  assert.deepEqual([status, body['error']], [400, error], JSON.stringify(body))

describe('an authorization for an API', () => {
  const registered = 'https://registered.example.com/v1'
  const wrong: Record<string, string[]> = {
    'that is not registered': ['https://unknown.example.com'],
    'with a fragment': [`${registered}#part`],
    'with an empty fragment': [`${registered}#`],
    'by a relative reference': ['/v1'],
    'by its host': ['registered.example.com'],
    'over http': ['http://registered.example.com/v1'],
    'in upper case': ['https://REGISTERED.example.com/v1'],
    'with its port': ['https://registered.example.com:443/v1'],
    'with a longer path': [`${registered}/more`],
    'with a shorter path': ['https://registered.example.com'],
    'with a query': [`${registered}?`],
    'with a slash more': [`${registered}/`],
    'percent-encoded twice': ['https%3A%2F%2Fregistered.example.com%2Fv1'],
    'with a NUL': [`${registered}\u0000`],
    'with U+FFFD': [`${registered}\ufffd`],
    'that is very long': [`https://registered.example.com/${'x'.repeat(4000)}`],
    twice: [registered, registered],
    'with a second one': [registered, issuer],
    'after ours': [issuer, registered],
  }

  it('is refused with invalid_target, unless it is one registered resource', async () => {
    await servers.create(owner, { identifier: registered })
    await at.authorize(app)
    for (const [what, resources] of Object.entries(wrong)) {
      const url = new URL(`${issuer}/oauth/authorize?response_type=code&scope=openid`)
      url.searchParams.set('client_id', app.clientId)
      url.searchParams.set('redirect_uri', app.redirectUri)
      for (const resource of resources) url.searchParams.append('resource', resource)
      const { location, html } = await at.visitor.get(url)
      assert.equal(location?.searchParams.get('error'), 'invalid_target', `${what}: ${location ?? html}`)
    }
    assert.deepEqual(
      provider.log.lines().filter(({ level }) => level === 'error' || level === 'fatal'),
      [],
    )
  })

  it('is refused with invalid UTF-8 in the resource', async () => {
    const query = `client_id=${app.clientId}&redirect_uri=${encodeURIComponent(app.redirectUri)}&response_type=code`
    for (const raw of ['%ff', 'https://registered.example.com/v1%ff', '%c0%80', '%00']) {
      const { status, location } = await at.visitor.get(new URL(`${issuer}/oauth/authorize?${query}&resource=${raw}`))
      assert.ok(status === 400 || location?.searchParams.get('error') === 'invalid_target', `${raw}: ${status}`)
    }
  })

  it('is refused if it is disabled, deleted, or of a suspended organization', async () => {
    const suspended = await provider.person()
    const [disabled, deleted, held] = [
      await servers.create(owner),
      await servers.create(owner),
      await servers.create(suspended),
    ]
    await servers.change(owner, disabled, { enabled: false })
    await servers.remove(owner, deleted)
    await database.$client`UPDATE organizations SET suspended_at = now() WHERE id = ${suspended.organizationId}`
    for (const api of [disabled, deleted, held]) {
      const { answer } = await at.attempt(app, { resource: api.identifier, scope: 'openid' })
      assert.equal(answer.location?.searchParams.get('error'), 'invalid_target')
    }
  })

  it('is refused to our own apps', async () => {
    const api = await servers.create(owner)
    for (const client of [DASHBOARD(issuer), CLI]) {
      const { answer } = await at.attempt(client, { resource: api.identifier, scope: 'openid' })
      assert.match(answer.location?.href ?? answer.html, /invalid_target/)
    }
  })

  it('is refused before the user signs in, if no requested scope can be granted', async () => {
    const api = await servers.create(owner)
    for (const scope of ['invoices:delete', 'read:sandboxes', 'admin:organization']) {
      const { answer } = await at.attempt(app, { resource: api.identifier, scope })
      assert.equal(answer.location?.searchParams.get('error'), 'invalid_scope', scope)
    }
  })

  it('asks for consent each time: a page names the API, its organization and the requested scopes', async () => {
    const api = await servers.create(owner)
    await tokensOf(api)
    const url = new URL(`${issuer}/oauth/authorize?response_type=code&scope=openid%20invoices:write`)
    url.searchParams.set('client_id', app.clientId)
    url.searchParams.set('redirect_uri', app.redirectUri)
    url.searchParams.set('resource', api.identifier)
    const silent = await at.visitor.get(new URL(`${url}&prompt=none`))
    assert.equal(silent.location?.searchParams.get('error'), 'consent_required')
    const { location } = await at.visitor.get(url)
    const { html } = await at.visitor.get(location ?? new URL(issuer))
    const [, host = ''] = /https:\/\/([^/]*)/.exec(api.identifier) ?? []
    for (const text of ['Invoices', host, WRITE.description, 'no access to your own organizations']) {
      assert.ok(html.includes(text), text)
    }
    // The reader has a personal organization of the same name.
    assert.ok(html.includes('is an API of a single person') && !html.includes('Personal'), html)
    for (const text of [READ.description, 'name="organization"', 'List and view sandboxes']) {
      assert.ok(!html.includes(text), text)
    }
  })

  it('names the organization of an API that is shared', async () => {
    const organizationId = await organizationOf(provider, owner, 'Difference Engines')
    const api = await servers.create({ ...owner, organizationId })
    const url = new URL(`${issuer}/oauth/authorize?response_type=code&scope=openid`)
    url.searchParams.set('client_id', app.clientId)
    url.searchParams.set('redirect_uri', app.redirectUri)
    url.searchParams.set('resource', api.identifier)
    const { html } = await at.visitor.follow(await at.visitor.get(url))
    assert.ok(html.includes('is an API of the organization Difference Engines'), html)
  })

  it('gets no code if another organization registered the identifier after the consent page was opened or answered', async () => {
    const url = new URL(`${issuer}/oauth/authorize?response_type=code&scope=openid`)
    url.searchParams.set('client_id', app.clientId)
    url.searchParams.set('redirect_uri', app.redirectUri)
    const openPage = async (api: ResourceServerRow) => {
      url.searchParams.set('resource', api.identifier)
      const { location } = await at.visitor.get(url)
      const { html } = await at.visitor.get(location ?? new URL(issuer))
      const csrf = /name="csrf" value="([^"]*)"/.exec(html)?.[1] ?? ''
      const resource = resourceIn(html)
      return () => at.visitor.post(`${location?.pathname}/consent`, { csrf, resource, decision: 'allow' })
    }
    const replace = async (api: ResourceServerRow) => {
      await servers.remove(owner, api)
      await servers.create(await provider.person(), { identifier: api.identifier })
    }

    const opened = await servers.create(owner)
    const deleted = await openPage(opened)
    await servers.remove(owner, opened)
    assert.equal((await deleted()).status, 400)

    const reopened = await servers.create(owner)
    const outdated = await openPage(reopened)
    await replace(reopened)
    assert.equal((await outdated()).status, 400)

    const answered = await servers.create(owner)
    const allow = await openPage(answered)
    const { location: resumed } = await allow()
    await replace(answered)
    const { location } = await at.visitor.get(resumed ?? new URL(issuer))
    assert.match(location?.pathname ?? '', /^\/oauth\/interaction\//, 'the page is shown again')
  })
})

describe('a token for an API', () => {
  it('has the audience and scopes of that API alone, and none of our permissions', async () => {
    const api = await servers.create(owner)
    const { access, body } = await tokensOf(api)
    const { exp, iat, jti, gid, auth_time: signedInAt, ...claims } = claimsOf(access)
    assert.deepEqual(claims, {
      iss: issuer,
      aud: api.identifier,
      sub: ada.userId,
      client_id: app.clientId,
      scope: `${READ.name} ${WRITE.name}`,
      acr: ACR.password,
      amr: ['pwd'],
    })
    assert.equal(headerOf(access)['typ'], 'at+jwt')
    assert.ok(Number(exp) > Number(iat) && jti && gid && Number(signedInAt) <= Number(iat))
    assert.equal(body['scope'], `${READ.name} ${WRITE.name}`)
    assert.equal(claimsOf(body['id_token'])['sub'], ada.userId)
    const [grant] = await database.$client`
      SELECT scopes, resource_scopes, organization_ids, resource_server_id FROM grants WHERE id = ${String(gid)}`
    assert.deepEqual(grant, {
      scopes: ['openid', 'offline_access'],
      resource_scopes: [READ.name, WRITE.name],
      organization_ids: [],
      resource_server_id: api.id,
    })
  })

  it('is issued without scopes, and for an identifier with or without the slash of an empty path', async () => {
    const api = await servers.create(owner, { identifier: 'https://bare.example.com', scopes: [] })
    for (const resource of ['https://bare.example.com', 'https://bare.example.com/']) {
      const authorization = await at.authorize(app, { resource, scope: 'openid' })
      const { body } = await redeemWith(app, authorization, resource)
      assert.deepEqual(claimsOf(body['access_token'])['aud'], api.identifier)
      assert.equal('scope' in claimsOf(body['access_token']), false)
      assert.equal((await introspect(body['access_token'] ?? ''))['active'], true)
    }
  })

  it('is refused at userinfo, which is of our own API', async () => {
    const { access } = await tokensOf(await servers.create(owner))
    assert.equal((await userinfo(provider, access)).status, 401)
  })

  it('is not issued for a code of another API, or of ours, which the app can still redeem', async () => {
    const [one, two] = [await servers.create(owner), await servers.create(owner)]
    for (const [bound, others] of [
      [one.identifier, [two.identifier, issuer, `${one.identifier}/`, '/v1', '\u0000']],
      [issuer, [one.identifier]],
    ] as const) {
      const authorization = await at.authorize(app, { resource: bound, scope: FULL })
      for (const other of others) isRefused(await redeemWith(app, authorization, other), 'invalid_target')
      const { status, body } = await redeemWith(app, authorization, bound)
      assert.deepEqual([status, claimsOf(body['access_token'])['aud']], [200, bound])
    }
  })

  it('is not issued for several resources at the token endpoint', async () => {
    const [one, two] = [await servers.create(owner), await servers.create(owner)]
    const { code, verifier, redirectUri } = await authorize(one)
    const fields = new URLSearchParams({ grant_type: 'authorization_code', code, code_verifier: verifier })
    fields.set('redirect_uri', redirectUri)
    for (const resource of [one.identifier, two.identifier]) fields.append('resource', resource)
    const authorization = `Basic ${btoa(`${app.clientId}:${app.secret}`)}`
    const answer = await fetch(`${issuer}/oauth/token`, { method: 'POST', body: fields, headers: { authorization } })
    assert.deepEqual([answer.status, ((await answer.json()) as { error: string }).error], [400, 'invalid_target'])
  })

  it('is not issued to another client with the code', async () => {
    const authorization = await authorize(await servers.create(owner))
    isRefused(await redeem(provider, another, authorization), 'invalid_grant')
  })

  it('is revoked with its grant by its own client only', async () => {
    const { access, refresh: token } = await tokensOf(await servers.create(owner))
    isRefused(await revoke(provider, another, access), 'invalid_request')
    assert.equal((await introspect(access))['active'], true)
    assert.equal((await revoke(provider, app, access)).status, 200)
    assert.deepEqual(await introspect(access), { active: false })
    isRefused(await refresh(provider, app, token), 'invalid_grant')
  })
})

describe('a refresh', () => {
  it('keeps the API, may narrow the scopes, and never widens them or changes the API', async () => {
    const [one, two] = [await servers.create(owner), await servers.create(owner)]
    let { refresh: token } = await tokensOf(one, 'openid offline_access invoices:read')
    for (const [fields, error] of [
      [{ resource: two.identifier }, 'invalid_target'],
      [{ resource: issuer }, 'invalid_target'],
      [{ resource: '' }, undefined],
      [{ scope: 'invoices:read invoices:write' }, 'invalid_scope'],
      [{ scope: 'read:sandboxes' }, 'invalid_scope'],
      [{ resource: one.identifier, scope: 'openid' }, undefined],
      [{ resource: one.identifier }, undefined],
    ] as const) {
      const { status, body } = await refresh(provider, app, token, fields)
      assert.deepEqual([body['error'], status], [error, error ? 400 : 200], JSON.stringify(fields))
      if (error) continue
      token = body['refresh_token'] ?? ''
      const { aud, scope } = claimsOf(body['access_token'])
      assert.deepEqual([aud, scope], [one.identifier, 'scope' in fields ? undefined : READ.name])
    }
  })

  it('loses a scope that the API no longer has, and the token loses it at introspection', async () => {
    const api = await servers.create(owner)
    const { access, refresh: token } = await tokensOf(api)
    await servers.change(owner, api, { scopes: [WRITE] })
    assert.equal((await introspect(access))['scope'], WRITE.name)
    assert.equal(claimsOf((await refresh(provider, app, token)).body['access_token'])['scope'], WRITE.name)
  })

  const ends: Record<string, (api: ResourceServerRow, of: Person) => Promise<unknown>> = {
    'it is disabled': (api, of) => servers.change(of, api, { enabled: false }),
    'it is deleted': (api, of) => servers.remove(of, api),
    'its organization is suspended': (_api, of) =>
      database.$client`UPDATE organizations SET suspended_at = now() WHERE id = ${of.organizationId}`,
    'another organization registered its identifier': async (api, of) => {
      await servers.remove(of, api)
      await servers.create(await provider.person(), { identifier: api.identifier })
    },
  }
  for (const [what, end] of Object.entries(ends)) {
    it(`and a code are refused once ${what}, and its tokens are inactive`, async () => {
      const of = await provider.person()
      const api = await servers.create(of)
      const client = await provider.client(of)
      const { access, refresh: token } = await tokensOf(api)
      const code = await authorize(api)
      assert.equal((await introspect(access, client))['active'], true)
      await end(api, of)
      for (const asking of [client, app]) assert.deepEqual(await introspect(access, asking), { active: false })
      isRefused(await refresh(provider, app, token), 'invalid_target')
      isRefused(await redeem(provider, app, code), 'invalid_target')
    })
  }

  it('works again when an API is enabled again: nothing was consumed', async () => {
    const api = await servers.create(owner)
    const { refresh: token } = await tokensOf(api)
    await servers.change(owner, api, { enabled: false })
    isRefused(await refresh(provider, app, token), 'invalid_target')
    await servers.change(owner, api, { enabled: true })
    assert.equal((await refresh(provider, app, token)).status, 200)
  })
})

describe('the introspection of a token for an API', () => {
  it("is for clients of the API's organization and the token's own client", async () => {
    const api = await servers.create(owner)
    const { access } = await tokensOf(api)
    const { exp, iat, jti, gid, acr, amr, auth_time } = claimsOf(access)
    const expected = {
      active: true,
      iss: issuer,
      aud: api.identifier,
      sub: ada.userId,
      token_type: 'Bearer',
      scope: `${READ.name} ${WRITE.name}`,
      client_id: app.clientId,
      organizations: [],
      exp,
      iat,
      jti,
      gid,
      acr,
      amr,
      auth_time,
    }
    for (const client of [introspecting, app]) assert.deepEqual(await introspect(access, client), expected)
    const stranger = await provider.client(await provider.person())
    for (const client of [another, stranger]) assert.deepEqual(await introspect(access, client), { active: false })
    const spa = await provider.client(owner, { type: 'spa' })
    assert.equal((await post(provider, '/oauth/introspect', spa, { token: access })).status, 401)
  })

  it('is inactive for a forged, crossed or expired one', async () => {
    const { access } = await tokensOf(await servers.create(owner))
    const { access: other } = await tokensOf(await servers.create(owner))
    const [head = '', payload = '', signature = ''] = access.split('.')
    const forge = (changes: object) =>
      Buffer.from(JSON.stringify({ ...claimsOf(access), ...changes })).toString('base64url')
    for (const token of [
      `${head}.${forge({ aud: issuer })}.${signature}`,
      `${head}.${forge({ aud: 'https://other.example.com' })}.${signature}`,
      `${head}.${forge({ scope: 'admin' })}.${signature}`,
      `${head}.${other.split('.')[1]}.${signature}`,
      `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`,
      `${head}.${payload}.${signature.slice(0, -4)}AAAA`,
      `${head}.${payload}`,
      access.toUpperCase(),
    ]) {
      assert.deepEqual(await introspect(token), { active: false }, token)
    }
  })
})

describe('an API is requested', () => {
  it('by a pushed request, whose scopes are those of the API', async () => {
    const api = await servers.create(owner)
    const verifier = 'v'.repeat(43)
    const fields = {
      client_id: app.clientId,
      response_type: 'code',
      redirect_uri: app.redirectUri,
      scope: 'openid read:sandboxes invoices:read',
      resource: api.identifier,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }
    isRefused(await post(provider, '/oauth/par', app, { ...fields, resource: '/v1' }), 'invalid_target')
    const { body } = await post(provider, '/oauth/par', app, fields)
    const { answer } = await at.attempt(app, { request_uri: body['request_uri'] ?? '' })
    const code = answer.location?.searchParams.get('code') ?? ''
    const callback = answer.location ?? new URL(issuer)
    const redeemed = await redeem(provider, app, { code, verifier, redirectUri: app.redirectUri, callback })
    const { aud, scope } = claimsOf(redeemed.body['access_token'])
    assert.deepEqual([aud, scope], [api.identifier, READ.name])
  })

  it('and gets the scopes that the user left ticked', async () => {
    const api = await servers.create(owner)
    const request = authorizationRequest(issuer, {
      client_id: app.clientId,
      redirect_uri: app.redirectUri,
      scope: 'openid invoices:read invoices:write',
      resource: api.identifier,
    })
    const page = await at.visitor.follow(await at.visitor.get(request.url))
    const fields = { decision: 'allow-chosen', scope: [READ.name], resource: resourceIn(page.html) }
    const { location } = await answerPage(at.visitor, page, 'consent', fields)
    const code = location?.searchParams.get('code') ?? ''
    const callback = location ?? new URL(issuer)
    const { verifier } = request
    const { body } = await redeem(provider, app, { code, verifier, redirectUri: app.redirectUri, callback })
    assert.equal(claimsOf(body['access_token'])['scope'], READ.name, JSON.stringify(body))
  })

  it('by a device, whose user sees the API', async () => {
    const api = await servers.create(owner)
    const native = await provider.client(ada, { type: 'native', redirectUris: ['http://127.0.0.1/cb'] })
    const asked = { scope: 'openid invoices:write read:sandboxes', resource: api.identifier }
    isRefused(
      await post(provider, '/oauth/device_authorization', native, { ...asked, resource: 'urn:x' }),
      'invalid_target',
    )
    const { body } = await post(provider, '/oauth/device_authorization', native, asked)
    const visit = visitor(issuer)
    const page = await arriveAtConsent(visit, body['user_code'] ?? '', ada)
    assert.ok(page.html.includes(WRITE.description) && page.html.includes('no access to your own organizations'))
    await answerPage(visit, page, 'consent', { decision: 'allow', resource: resourceIn(page.html) })
    const poll = { grant_type: DEVICE_CODE, device_code: body['device_code'] ?? '' }
    const { body: tokens } = await post(provider, '/oauth/token', native, poll)
    const { aud, scope } = claimsOf(tokens['access_token'])
    assert.deepEqual([aud, scope], [api.identifier, WRITE.name])
    assert.equal((await introspect(tokens['access_token'] ?? ''))['active'], true)
  })
})

describe('a request without an API', () => {
  it('has our own audience as before, also after consent for another API', async () => {
    const api = await servers.create(owner)
    await tokensOf(api)
    const { body } = await redeem(provider, app, await at.authorize(app, { scope: 'openid read:sandboxes' }))
    const { aud, scope } = claimsOf(body['access_token'])
    assert.deepEqual([aud, scope], [issuer, 'openid read:sandboxes'])
    assert.equal((await userinfo(provider, body['access_token'] ?? '')).status, 200)
  })
})
