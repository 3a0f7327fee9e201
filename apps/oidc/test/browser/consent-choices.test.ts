import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { digestOf } from '@daytona-auth/auth'
import { CLI, PASSWORD, type Person, redeem, type TestClient, testProvider } from '../fixture.ts'
import { resourceServersOf } from '../resource-servers.ts'
import { organizationOf } from './harness.ts'
import {
  type Answer,
  arrive,
  authorizationRequest,
  type Fields,
  inputOf,
  send,
  textOf,
  type Visitor,
  visitor,
} from './visitor.ts'

const ALL = ['openid', 'profile', 'email', 'offline_access', 'read:sandboxes', 'write:sandboxes', 'admin:organization']

const provider = await testProvider({ after })
const { database, issuer } = provider
const developer = await provider.person()

const app = (scopes = ALL) => provider.client(developer, { type: 'web', scopes })

const requestOf = ({ clientId, redirectUri }: TestClient, scope: string, more: Record<string, string> = {}) =>
  authorizationRequest(issuer, { client_id: clientId, redirect_uri: redirectUri, scope, ...more })

/** Signs in and arrives at the consent page of an app. */
async function open(person: Person, client: TestClient, scope: string, more: Record<string, string> = {}) {
  const visit = visitor(issuer)
  const signIn = await arrive(visit, requestOf(client, scope, more))
  const page = await visit.follow(await send(visit, signIn, 'sign-in', { email: person.email, password: PASSWORD }))
  return { visit, page }
}

const answer = async (visit: Visitor, page: Answer, fields: Fields) =>
  visit.follow(await send(visit, page, 'consent', fields))

/** The terms of the grant that the code in a redirect was issued under. */
async function grantOf({ location, url }: Answer) {
  const code = (location ?? url).searchParams.get('code') ?? ''
  const [grant] = await database.$client<{ scopes: string[]; organizations: string[] }[]>`
    SELECT grants.scopes, organization_ids AS organizations FROM grants JOIN oidc_artifacts ON grant_id = grants.id
    WHERE digest = ${digestOf(code)} AND model = 'AuthorizationCode'`
  assert.ok(grant, String(location))
  return { scopes: [...grant.scopes].sort(), organizations: grant.organizations }
}

const chosenOn = ({ html }: Answer, name: string) =>
  [...html.matchAll(new RegExp(`name="${name}" value="([^"]+)" checked`, 'g'))].map(([, value]) => value)
const offeredOn = ({ html }: Answer, name: string) =>
  [...html.matchAll(new RegExp(`name="${name}" value="([^"]+)"`, 'g'))].map(([, value]) => value)

describe('the scopes on the consent page', () => {
  it('are offered one by one, all chosen the first time, except openid, which is no choice', async () => {
    const ada = await provider.person()
    const { page } = await open(ada, await app(), 'openid profile email read:sandboxes admin:organization')
    const offered = ['profile', 'email', 'read:sandboxes', 'admin:organization']
    assert.deepEqual(offeredOn(page, 'scope'), offered)
    assert.deepEqual(chosenOn(page, 'scope'), offered)
    assert.match(page.html, /value="allow-chosen"/)
    assert.doesNotMatch(page.html, /value="allow"|It has access already/)
    assert.match(textOf(page), /Know who you are/)
  })

  it('are granted only as chosen: openid always, and nothing that was not requested', async () => {
    const ada = await provider.person()
    const client = await app()
    const { visit, page } = await open(ada, client, 'openid email read:sandboxes write:sandboxes')
    const done = await answer(visit, page, {
      decision: 'allow-chosen',
      scope: ['read:sandboxes', 'admin:organization', 'profile', 'x', '\0'],
      organization: ada.organizationId,
    })
    assert.deepEqual(await grantOf(done), {
      scopes: ['openid', 'read:sandboxes'],
      organizations: [ada.organizationId],
    })
    const [event] = await database.$client`SELECT metadata FROM audit_events
      WHERE organization_id = ${ada.organizationId} AND action = 'consent.allow'`
    assert.deepEqual(event?.['metadata'].scopes, ['openid', 'read:sandboxes'])
    assert.deepEqual(event?.['metadata'].declined, ['email', 'write:sandboxes'])
  })

  it('are in the token as chosen', async () => {
    const ada = await provider.person()
    const client = await app()
    const request = requestOf(client, 'openid email read:sandboxes write:sandboxes')
    const visit = visitor(issuer)
    const signIn = await arrive(visit, request)
    const page = await visit.follow(await send(visit, signIn, 'sign-in', { email: ada.email, password: PASSWORD }))
    const fields = { decision: 'allow-chosen', scope: 'read:sandboxes', organization: ada.organizationId }
    const callback = (await answer(visit, page, fields)).location ?? assert.fail()
    const code = callback.searchParams.get('code') ?? ''
    const { redirectUri } = client
    const { status, body } = await redeem(provider, client, { code, verifier: request.verifier, redirectUri, callback })
    assert.equal(status, 200, JSON.stringify(body))
    assert.equal(body['scope'], 'openid read:sandboxes')
  })

  it('may all be left out: then the app knows who signed in, and has no organization', async () => {
    const ada = await provider.person()
    const { visit, page } = await open(ada, await app(), 'openid email read:sandboxes')
    const done = await answer(visit, page, { decision: 'allow-chosen' })
    assert.deepEqual(await grantOf(done), { scopes: ['openid'], organizations: [] })
  })

  it('are not granted if none is left of a request without openid, and the choice is kept on a page with a problem', async () => {
    const ada = await provider.person()
    const { visit, page } = await open(ada, await app(), 'read:sandboxes write:sandboxes')
    const none = await send(visit, page, 'consent', { decision: 'allow-chosen', organization: ada.organizationId })
    assert.equal(none.status, 400)
    assert.match(textOf(none), /Leave at least one permission/)
    assert.deepEqual(chosenOn(none, 'organization'), [ada.organizationId])
    const without = await send(visit, none, 'consent', { decision: 'allow-chosen', scope: 'write:sandboxes' })
    assert.equal(without.status, 400)
    assert.match(textOf(without), /Choose at least one organization/)
    assert.deepEqual(chosenOn(without, 'scope'), ['write:sandboxes'])
  })

  it('that were left out stay so without another page; prompt=consent shows them, not chosen', async () => {
    const ada = await provider.person()
    const client = await app()
    const scope = 'openid email read:sandboxes write:sandboxes'
    const { visit, page } = await open(ada, client, scope)
    const fields = { decision: 'allow-chosen', scope: ['read:sandboxes'], organization: ada.organizationId }
    await answer(visit, page, fields)
    const again = await visit.follow(await visit.get(requestOf(client, scope).url))
    assert.deepEqual((await grantOf(again)).scopes, ['openid', 'read:sandboxes'])
    const silent = await visit.follow(await visit.get(requestOf(client, scope, { prompt: 'none' }).url))
    assert.deepEqual((await grantOf(silent)).scopes, ['openid', 'read:sandboxes'])

    const asked = await visit.follow(await visit.get(requestOf(client, scope, { prompt: 'consent' }).url))
    assert.deepEqual(chosenOn(asked, 'scope'), ['read:sandboxes'])
    assert.deepEqual(chosenOn(asked, 'organization'), [ada.organizationId])
    const all = { ...fields, scope: ['email', 'read:sandboxes', 'write:sandboxes'] }
    assert.deepEqual((await grantOf(await answer(visit, asked, all))).scopes, scope.split(' ').sort())
    const later = await visit.follow(await visit.get(requestOf(client, scope).url))
    assert.deepEqual((await grantOf(later)).scopes, scope.split(' ').sort())
  })

  it('that an app had are distinguished from new ones, in each organization', async () => {
    const ada = await provider.person()
    const engines = await organizationOf(provider, ada, 'Engines')
    const client = await app()
    const { visit, page } = await open(ada, client, 'openid read:sandboxes')
    await answer(visit, page, { decision: 'allow-chosen', scope: 'read:sandboxes', organization: engines })
    const wider = await visit.follow(await visit.get(requestOf(client, 'openid read:sandboxes write:sandboxes').url))
    assert.match(textOf(wider), /It has access already, and asks for more: what is new is marked/)
    assert.equal(wider.html.match(/>New</g)?.length, 1)
    assert.match(textOf(wider), /Create, update, and delete sandboxes New/)
    assert.match(textOf(wider), /Engines Has access/)
    assert.deepEqual(chosenOn(wider, 'organization'), [], 'wider access is the user’s choice')
    const same = await visit.follow(
      await visit.get(requestOf(client, 'openid read:sandboxes', { prompt: 'consent' }).url),
    )
    assert.match(textOf(same), /It has this access already/)
    assert.doesNotMatch(same.html, />New</)
    assert.deepEqual(chosenOn(same, 'organization'), [engines])
  })

  it('of our own app are allowed as a whole, also by a form with choices', async () => {
    const ada = await provider.person()
    const { visit, page } = await open(ada, CLI, 'openid email')
    assert.deepEqual(offeredOn(page, 'scope'), [])
    assert.match(page.html, /value="allow"/)
    assert.deepEqual((await grantOf(await answer(visit, page, { decision: 'allow-chosen' }))).scopes, [
      'email',
      'openid',
    ])
  })

  it('are all allowed by the page of an earlier release, and denied by anything else', async () => {
    const ada = await provider.person()
    const client = await app()
    const scope = 'openid read:sandboxes'
    for (const decision of ['', 'allow-', 'Allow-chosen', 'allow-chosen ', 'deny']) {
      const { visit, page } = await open(ada, client, scope)
      const denied = await answer(visit, page, { decision, scope: 'read:sandboxes', organization: ada.organizationId })
      assert.equal(denied.location?.searchParams.get('error'), 'access_denied', decision)
    }
    const { visit, page } = await open(ada, client, scope)
    const allowed = await answer(visit, page, { decision: 'allow', organization: ada.organizationId })
    assert.deepEqual((await grantOf(allowed)).scopes, ['openid', 'read:sandboxes'])
  })
})

describe('the scopes of another API on the consent page', () => {
  it('can be left out one by one, and nothing else is granted', async () => {
    const ada = await provider.person()
    const api = await resourceServersOf(provider).create(developer)
    const client = await app(['openid', 'email'])
    const request = requestOf(client, 'openid email invoices:read invoices:write', { resource: api.identifier })
    const visit = visitor(issuer)
    const signIn = await arrive(visit, request)
    const page = await visit.follow(await send(visit, signIn, 'sign-in', { email: ada.email, password: PASSWORD }))
    assert.deepEqual(chosenOn(page, 'scope'), ['invoices:read', 'invoices:write', 'email'])
    const fields = { decision: 'allow-chosen', resource: inputOf(page, 'resource'), scope: 'invoices:read' }
    const callback = (await answer(visit, page, fields)).location ?? assert.fail()
    const [grant] = await database.$client`
      SELECT grants.scopes, resource_scopes FROM grants JOIN oidc_artifacts ON grant_id = grants.id
      WHERE digest = ${digestOf(callback.searchParams.get('code') ?? '')} AND model = 'AuthorizationCode'`
    assert.deepEqual({ ...grant }, { scopes: ['openid'], resource_scopes: ['invoices:read'] })
    // What was left out of another API is asked again: its consent is not remembered.
    const again = await visit.follow(await visit.get(request.url))
    assert.deepEqual(chosenOn(again, 'scope'), ['invoices:read', 'invoices:write'])
  })
})

describe('thirty organizations on the consent page', () => {
  it('are one list that scrolls, and each can be chosen', async () => {
    const ada = await provider.person()
    const ids = []
    for (let number = 1; number <= 30; number += 1) ids.push(await organizationOf(provider, ada, `Team ${number}`))
    const { visit, page } = await open(ada, await app(), 'openid read:sandboxes')
    assert.equal(offeredOn(page, 'organization').length, 31)
    assert.match(page.html, /class="choices long"/)
    const fields = { decision: 'allow-chosen', scope: 'read:sandboxes', organization: ids }
    assert.deepEqual((await grantOf(await answer(visit, page, fields))).organizations.toSorted(), ids.toSorted())
  })
})

describe('a long list of organizations', () => {
  const SCOPE = 'openid read:sandboxes'

  it('has a search, whose button answers the Enter key, from eleven organizations on', async () => {
    const ada = await provider.person()
    for (let count = 1; count < 10; count++) await organizationOf(provider, ada, `Engine ${count}`)
    const few = await open(ada, await app(), SCOPE)
    assert.doesNotMatch(few.page.html, /name="find"/)
    await organizationOf(provider, ada, 'Loom')
    const { page } = await open(ada, await app(), SCOPE)
    assert.equal(
      /<button type="submit"[^>]*>/.exec(page.html.split('name="find"')[1] ?? '')?.[0].includes('find'),
      true,
    )
    assert.equal(page.html.indexOf('<button type="submit"'), page.html.search(/<button type="submit"[^>]*value="find"/))
  })

  it('lists what has a text in its name, and keeps every choice listed: only that is allowed', async () => {
    const ada = await provider.person()
    for (let count = 0; count < 10; count++) await organizationOf(provider, ada, `Engine ${count}`)
    const loom = await organizationOf(provider, ada, 'Löom <Works>')
    const { visit, page } = await open(ada, await app(), SCOPE)
    const fields = { scope: 'read:sandboxes', organization: ada.organizationId }
    const find = (text: string, more: Fields = fields) =>
      answer(visit, page, { decision: 'find', find: text, resource: '', ...more })
    const found = await find(' LÖOM ')
    assert.equal(found.status, 200)
    assert.deepEqual(offeredOn(found, 'organization').toSorted(), [ada.organizationId, loom].toSorted())
    assert.deepEqual(chosenOn(found, 'organization'), [ada.organizationId])
    assert.deepEqual(chosenOn(found, 'scope'), ['read:sandboxes'])
    const none = await find('"><script>alert(1)</script>')
    assert.deepEqual(offeredOn(none, 'organization'), [ada.organizationId])
    assert.match(textOf(none), /No other organization has/)
    assert.ok(!none.html.includes('<script>'))
    for (const text of ['', 'x'.repeat(1000)]) assert.equal(offeredOn(await find(text), 'organization').length, 12)
    // A stranger's organization is not found by its id, and a search allows nothing.
    const foreign = await organizationOf(provider, developer, 'Foreign')
    const tried = await find('Foreign', { scope: 'read:sandboxes', organization: foreign })
    assert.deepEqual(offeredOn(tried, 'organization'), [])
    const grants = await database.$client`SELECT FROM grants WHERE user_id = ${ada.userId}`
    assert.equal(grants.length, 0)
    const done = await answer(visit, found, { decision: 'allow-chosen', ...fields, organization: loom })
    assert.deepEqual((await grantOf(done)).organizations, [loom])
  })
})
