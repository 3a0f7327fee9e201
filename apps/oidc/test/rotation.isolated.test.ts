import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { queryObjects } from 'node:v8'
import { DEPLOYMENT, listAuditEvents, verifyAuditChain } from '@daytona-auth/db/audit'
import { publishSigningKeys } from '@daytona-auth/db/signing-keys'
import { makeSigningKeys } from '@daytona-auth/signing-keys/create'
import { keyWrapping } from '@daytona-auth/signing-keys/wrap'
import { tcpProxy, waitFor } from '@daytona-auth/testing'
import Provider from 'oidc-provider'
import { authorizationRequest, inputOf } from './browser/visitor.ts'
import * as fixture from './fixture.ts'
import { browser, DASHBOARD, headerOf, PASSWORD, redeem, refresh, type TestProvider, userinfo } from './fixture.ts'

const MINUTE = 60
const DAY = 24 * 60 * MINUTE

/** A rotation makes keys, which takes long on a machine under load. */
const SLOW_MS = 30_000

const provider = await fixture.testProvider({ after }, { makesKeys: true })
const person = await provider.person()
const app = DASHBOARD(provider.issuer)

/** Begins a rotation, as the operations command does. Returns the ids of the keys. */
async function publish({ database, secrets }: TestProvider): Promise<string[]> {
  const keys = await makeSigningKeys(keyWrapping([secrets.signingKeys]))
  assert.ok(await publishSigningKeys(database, keys, 'test'))
  return keys.map(({ kid }) => kid)
}

/** Lets time go by for the keys; what decides is the database's clock. */
const pass = ({ database }: TestProvider, seconds: number) => database.$client`
  UPDATE signing_keys SET created_at = created_at - make_interval(secs => ${seconds}),
    activated_at = activated_at - make_interval(secs => ${seconds}),
    retired_at = retired_at - make_interval(secs => ${seconds})`

/** A whole rotation, up to where the provider signs with the new keys. */
async function rotate(): Promise<string[]> {
  const kids = await publish(provider)
  await pass(provider, 10 * MINUTE)
  // The keys are active in the database before the provider has read them: only its tokens show what it signs with.
  await waitFor(async () => (await observer.next()).kids.every((kid) => kids.includes(kid)), SLOW_MS)
  return kids
}

const published = async (of: TestProvider) => (await fixture.jwks(of)).map(({ kid }) => kid)
const publishes = async (of: TestProvider, kids: readonly string[]) => {
  const there = await published(of)
  return kids.every((kid) => there.includes(kid))
}

/** A signed-in user whose app keeps getting tokens. */
async function line() {
  let answer = await redeem(provider, app, await browser(provider, person).authorize(app))
  return {
    async next() {
      answer = await refresh(provider, app, answer.body['refresh_token'] ?? '')
      assert.equal(answer.status, 200)
      const { access_token: accessToken = '', id_token: idToken } = answer.body
      const kids = [headerOf(accessToken)['kid'], headerOf(idToken)['kid']].map(String)
      return { accessToken, kids }
    },
  }
}

const observer = await line()

describe('a rotation of the signing keys', () => {
  it('publishes the next ones, signs with them ten minutes later, and drops the old when all they signed has ended', async () => {
    const old = await published(provider)
    const signedIn = await line()
    const first = await signedIn.next()
    assert.deepEqual(first.kids.toSorted(), old.toSorted())

    const fresh = await publish(provider)
    await waitFor(() => publishes(provider, fresh), SLOW_MS)
    await pass(provider, 10 * MINUTE - 30)
    assert.deepEqual((await signedIn.next()).kids, first.kids)

    await pass(provider, 30)
    const second = await waitFor(async () => {
      const tokens = await signedIn.next()
      return tokens.kids[0] !== first.kids[0] && tokens
    })
    assert.deepEqual(second.kids.toSorted(), fresh.toSorted())
    assert.deepEqual((await published(provider)).toSorted(), [...old, ...fresh].toSorted())

    await pass(provider, 30 * DAY)
    assert.equal((await userinfo(provider, first.accessToken)).status, 200)
    await pass(provider, MINUTE)
    await waitFor(async () => (await published(provider)).length === 2, SLOW_MS)
    assert.deepEqual((await published(provider)).toSorted(), fresh.toSorted())
    await waitFor(async () => (await userinfo(provider, first.accessToken)).status === 401, SLOW_MS)
    assert.equal((await userinfo(provider, second.accessToken)).status, 200)

    const { rows: trail } = await listAuditEvents(provider.database, DEPLOYMENT, {}, { limit: 20 })
    const recorded = trail
      .filter(({ targetId }) => fresh.includes(targetId ?? ''))
      .map(({ action, source }) => [action, source])
    assert.deepEqual(recorded.toSorted(), [
      ['signing_key.activate', 'provider'],
      ['signing_key.activate', 'provider'],
      ['signing_key.publish', 'test'],
      ['signing_key.publish', 'test'],
    ])
    assert.equal(trail.filter(({ action }) => action === 'signing_key.remove').length, 2)
    assert.equal((await verifyAuditChain(provider.database, DEPLOYMENT)).brokenAt, null)
  })

  it('does not disturb a sign-in that is under way, wherever it is', async () => {
    const visit = browser(provider, person).visitor
    const client = await provider.client(person)
    const request = authorizationRequest(provider.issuer, {
      client_id: client.clientId,
      redirect_uri: client.redirectUri,
    })
    const signIn = await visit.follow(await visit.get(request.url))
    await rotate()
    const fields = { csrf: inputOf(signIn, 'csrf'), email: person.email, password: PASSWORD }
    const consent = await visit.follow(await visit.post(`${signIn.url.pathname}/sign-in`, fields))
    assert.match(consent.html, /name="decision"/)
    await rotate()
    const allowed = { csrf: inputOf(consent, 'csrf'), decision: 'allow', organization: person.organizationId }
    const resumed = await visit.post(`${consent.url.pathname}/consent`, allowed)
    await rotate()
    const callback = (await visit.follow(resumed)).location
    const code = callback?.searchParams.get('code') ?? ''
    const fresh = await rotate()
    const { status, body } = await redeem(provider, client, {
      code,
      verifier: request.verifier,
      redirectUri: client.redirectUri,
    } as fixture.Authorization)
    assert.equal(status, 200)
    assert.ok(fresh.includes(String(headerOf(body['access_token'])['kid'])))
  })

  it('leaves nothing of the providers before', async () => {
    const instances = async () => {
      await published(provider) // the last request's is held until the next
      return queryObjects(Provider, { format: 'count' })
    }
    const before = await instances()
    for (let times = 0; times < 2; times += 1) await rotate()
    // A connection that was kept alive holds its last request, and with it the provider of that time, until it is closed.
    await waitFor(async () => (await instances()) <= before, SLOW_MS)
  })
})

describe('signing keys', () => {
  it('are followed again after a time without notifications', async (t) => {
    let network: Awaited<ReturnType<typeof tcpProxy>> | undefined
    const cut = await fixture.testProvider(t, {
      through: async (url) => {
        network = await tcpProxy(t, url)
        return network.url
      },
    })
    network?.refuse()
    const fresh = await publish(cut)
    assert.equal(await publishes(cut, fresh), false)
    network?.pass()
    await waitFor(() => publishes(cut, fresh), SLOW_MS)
  })

  it('are replaced at once where they were deleted', async () => {
    const before = await published(provider)
    await provider.database.$client`DELETE FROM signing_keys`
    const now = await waitFor(async () => {
      const kids = await published(provider)
      return kids.every((kid) => !before.includes(kid)) && kids
    }, SLOW_MS)
    assert.equal(now.length, 2)
    assert.equal((await fetch(`${provider.url}/health/ready`)).status, 200)
  })
})
