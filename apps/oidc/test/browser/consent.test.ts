import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { DASHBOARD, PASSWORD, type Person, type TestClient, testProvider } from '../fixture.ts'
import { organizationOf, trailOf } from './harness.ts'
import { createOutbox } from './outbox.ts'
import { type Answer, arrive, authorizationRequest, send, textOf, type Visitor, visitor } from './visitor.ts'

const REDIRECT = 'https://cobalt.example/callback'
const SCOPE = 'openid profile email read:sandboxes'

const outbox = await createOutbox({ after })
const provider = await testProvider({ after }, { env: { OUTBOX_DIR: outbox.directory } })
const developer = await provider.person()

const newClient = (type: 'web' | 'spa' | 'native' = 'spa', redirectUri = REDIRECT) =>
  provider.client(developer, { type, redirectUris: [redirectUri] })

const authorization = ({ clientId, redirectUri }: TestClient, extra: Record<string, string> = {}) =>
  authorizationRequest(provider.issuer, { client_id: clientId, redirect_uri: redirectUri, scope: SCOPE, ...extra })

/** Signs a person in on the way to an app. Returns the browser and its page. */
async function arriveSignedIn(person: Person, client: TestClient, extra: Record<string, string> = {}) {
  const visit = visitor(provider.issuer)
  const page = await arrive(visit, authorization(client, extra))
  return {
    visit,
    page: await visit.follow(await send(visit, page, 'sign-in', { email: person.email, password: PASSWORD })),
  }
}

async function submitConsent(visit: Visitor, page: Answer, fields: Record<string, string | string[]>): Promise<Answer> {
  return visit.follow(await send(visit, page, 'consent', fields))
}

const isCode = ({ location }: Answer) => (location?.searchParams.get('code') ?? '') !== ''

const listGrants = async ({ userId }: Person) => [
  ...(await provider.database.$client`
    SELECT scopes, organization_ids AS "organizationIds" FROM grants WHERE user_id = ${userId} ORDER BY id`),
]

describe('the consent page', () => {
  it('names the app, its scopes and its redirect target', async () => {
    const [ada, client] = [await provider.person(), await newClient()]
    await provider.database.$client`
      UPDATE oidc_clients SET name = 'Cobalt <b>CI</b>', homepage_uri = 'https://about.cobalt.example/'
      WHERE id = ${client.clientId}`
    const { page } = await arriveSignedIn(ada, client, { scope: `${SCOPE} offline_access` })
    const text = textOf(page).replaceAll('&lt;', '<').replaceAll('&gt;', '>')
    for (const words of [
      'Cobalt <b>CI</b> wants to use your account',
      'about.cobalt.example',
      `You are signed in as ${ada.email}`,
      'Third-party app, not verified by Daytona',
      'Know who you are See your name, and the language and time zone you chose See your email address Keep this access while you are not using it List and view sandboxes',
      'In these organizations Personal',
      'You will be sent to cobalt.example',
    ]) {
      assert.ok(text.includes(words), `${words} in ${text}`)
    }
    assert.ok(!page.html.includes('<b>CI'))
  })

  it('names the personal organization in the language of the browser', async () => {
    const [ada, client] = [await provider.person(), await newClient()]
    const german = visitor(provider.issuer, { 'accept-language': 'de' })
    const page = await arrive(german, authorization(client))
    const consent = await german.follow(await send(german, page, 'sign-in', { email: ada.email, password: PASSWORD }))
    assert.match(textOf(consent), /In diesen Organisationen Persönlich Nur Sie/)
    await german.follow(await send(german, consent, 'consent', { decision: 'allow', organization: ada.organizationId }))
    const account = await german.follow(await german.get('/oauth/account/apps'))
    assert.match(textOf(account), /In Persönlich/)
  })

  it('cannot choose an organization that needs a second factor before one was given', async () => {
    const [ada, client] = [await provider.person(), await newClient()]
    const { $client: sql } = provider.database
    const strict = await organizationOf(provider, ada, 'Strict')
    await sql`UPDATE organizations SET require_second_factor = true WHERE id = ${strict}`
    const { visit, page } = await arriveSignedIn(ada, client)
    const boxOf = ({ html }: Answer) => new RegExp(`<input[^>]*value="${strict}"[^>]*>`).exec(html)?.[0] ?? ''
    assert.match(boxOf(page), / disabled/)
    assert.match(textOf(page), /Strict Needs a second factor .* Set one up/)
    const fields = { decision: 'allow-chosen', scope: ['openid', 'read:sandboxes'], organization: [strict] }
    const refused = await submitConsent(visit, page, fields)
    assert.equal(refused.status, 400)
    assert.deepEqual(await listGrants(ada), [])

    // As the page that sets up a factor does with the session.
    await sql`UPDATE oidc_artifacts SET payload = payload || '{"acr":"urn:daytona:acr:mfa"}'
      WHERE model = 'Session' AND account_id = ${ada.userId}`
    const again = await arrive(visit, authorization(client))
    assert.doesNotMatch(boxOf(again), / disabled/)
    assert.ok(isCode(await submitConsent(visit, again, fields)))
    assert.deepEqual(
      (await listGrants(ada)).map(({ organizationIds }) => organizationIds),
      [[strict]],
    )
  })

  it('cannot choose an organization that denies the app, and requests its approval once', async () => {
    const [ada, client, outsider] = [await provider.person(), await newClient(), await provider.person()]
    const { $client: sql } = provider.database
    const strict = await organizationOf(provider, ada, 'Strict')
    const foreign = await organizationOf(provider, outsider, 'Foreign')
    await sql`UPDATE organizations SET app_access = 'by_approval' WHERE id IN ${sql([strict, foreign])}`
    const { visit, page } = await arriveSignedIn(ada, client)
    const boxOf = ({ html }: Answer) => new RegExp(`<input[^>]*value="${strict}"[^>]*>`).exec(html)?.[0] ?? ''
    assert.match(boxOf(page), / disabled/)
    assert.match(textOf(page), /Strict Has not approved this app .* Request approval of Strict/)
    const fields = { scope: ['openid', 'read:sandboxes'], organization: [strict] }
    const allow = { ...fields, decision: 'allow-chosen' }
    for (const organization of [foreign, ada.organizationId, 'org_nope', "'"]) {
      const visitAgain = await arrive(visit, authorization(client))
      const refused = await submitConsent(visit, visitAgain, { ...fields, request: organization })
      assert.equal(refused.status, 400, `${organization} ${textOf(refused)}`)
    }
    assert.equal((await submitConsent(visit, await arrive(visit, authorization(client)), allow)).status, 400)
    assert.deepEqual(await listGrants(ada), [])
    const requests = () => sql`SELECT organization_id, user_id FROM app_requests WHERE client_id = ${client.clientId}`
    assert.deepEqual([...(await requests())], [])

    const asked = await submitConsent(visit, await arrive(visit, authorization(client)), {
      scope: ['openid'],
      organization: [ada.organizationId],
      request: strict,
    })
    assert.equal(asked.status, 200)
    assert.match(textOf(asked), /Strict Approval requested .* You get a mail with the answer/)
    assert.doesNotMatch(asked.html, /name="request"/)
    const { content } = await outbox.next(ada.email)
    assert.ok(content.includes(`${provider.issuer}/dashboard/o/${strict}/settings?tab=app-access`), content)
    // What was chosen is kept.
    assert.match(asked.html, new RegExp(`value="${ada.organizationId}" checked`))
    const again = await submitConsent(visit, asked, { ...fields, request: strict })
    assert.equal(again.status, 200)
    assert.deepEqual([...(await requests())], [{ organization_id: strict, user_id: ada.userId }])
    const events = await sql`SELECT action, actor_id, target_id, metadata FROM audit_events
      WHERE organization_id = ${strict} AND action LIKE 'oauth_app.%'`
    const name = { name: 'Test app' }
    assert.deepEqual(
      events.map(({ metadata, ...event }) => [event, Object.keys(metadata)]),
      [[{ action: 'oauth_app.request_approval', actor_id: ada.userId, target_id: client.clientId }, Object.keys(name)]],
    )

    await sql`INSERT INTO app_decisions (organization_id, client_id, decision) VALUES (${strict}, ${client.clientId}, 'blocked')`
    const blocked = await arrive(visit, authorization(client))
    assert.match(textOf(blocked), /Strict Blocks this app/)
    assert.equal((await submitConsent(visit, blocked, { ...fields, request: strict })).status, 400)
    await sql`UPDATE app_decisions SET decision = 'approved' WHERE client_id = ${client.clientId}`
    const approved = await arrive(visit, authorization(client))
    assert.doesNotMatch(boxOf(approved), / disabled/)
    assert.ok(isCode(await submitConsent(visit, approved, allow)))
    // The consent is remembered, and of no use where its only organization denies the app.
    assert.ok(isCode(await arrive(visit, authorization(client))))
    await sql`UPDATE app_decisions SET decision = 'blocked' WHERE client_id = ${client.clientId}`
    assert.match(textOf(await arrive(visit, authorization(client))), /Strict Blocks this app/)
  })

  it('returns an error to the app when denied, with state and issuer, and stores nothing', async () => {
    const [ada, client] = [await provider.person(), await newClient()]
    const { visit, page } = await arriveSignedIn(ada, client, { state: 'kept' })
    for (const fields of [{ decision: 'deny' }, { decision: 'Allow' }, { organization: ada.organizationId }]) {
      const again = fields.decision === 'deny' ? page : await arrive(visit, authorization(client, { state: 'kept' }))
      const { location } = await submitConsent(visit, again, { ...fields } as Record<string, string>)
      assert.equal(`${location?.origin}${location?.pathname}`, REDIRECT)
      assert.deepEqual(Object.fromEntries(location?.searchParams ?? []), {
        error: 'access_denied',
        error_description: 'The user denied access',
        state: 'kept',
        iss: provider.issuer,
      })
    }
    assert.deepEqual(await listGrants(ada), [])
    assert.deepEqual((await trailOf(provider, ada)).at(-1), {
      action: 'consent.deny',
      statusCode: 200,
      actorId: ada.userId,
      targetId: client.clientId,
    })
    assert.match(textOf(await arrive(visit, authorization(client))), /wants to use your account/)
  })

  it('refuses an organization that is not the user’s own, and stores nothing', async () => {
    const [ada, eve, client] = [await provider.person(), await provider.person(), await newClient()]
    for (const foreign of [eve.organizationId, 'org_nope', "'; DROP TABLE users", 'x\0']) {
      const { visit, page } = await arriveSignedIn(ada, client)
      const refused = await submitConsent(visit, page, {
        decision: 'allow',
        organization: [ada.organizationId, foreign],
      })
      assert.equal(refused.status, 400)
      assert.match(textOf(refused), /^That did not work/)
    }
    assert.deepEqual(await listGrants(ada), [])
    assert.equal((await trailOf(provider, ada)).filter(({ action }) => action === 'consent.allow').length, 0)
  })

  it('is shown again if no organization is chosen where the app needs one', async () => {
    const [ada, client] = [await provider.person(), await newClient()]
    const { visit, page } = await arriveSignedIn(ada, client)
    const again = await submitConsent(visit, page, { decision: 'allow' })
    assert.equal(again.status, 400)
    assert.match(textOf(again), /Choose at least one organization, or deny access\./)
    assert.match(textOf(await visit.get(again.url)), /wants to use your account/)
    assert.ok(isCode(await submitConsent(visit, again, { decision: 'allow', organization: ada.organizationId })))
  })

  it('grants the app the chosen organizations only', async () => {
    const [ada, client] = [await provider.person(), await newClient()]
    const engines = await organizationOf(provider, ada, 'Analytical Engines')
    const { visit, page } = await arriveSignedIn(ada, client)
    assert.ok(!/name="organization"[^>]*checked/.test(page.html))
    assert.ok(isCode(await submitConsent(visit, page, { decision: 'allow', organization: engines })))
    assert.deepEqual(await listGrants(ada), [
      { scopes: ['openid', 'profile', 'email', 'read:sandboxes'], organizationIds: [engines] },
    ])
    const [{ metadata } = { metadata: undefined }] = await provider.database.$client`
      SELECT metadata FROM audit_events WHERE action = 'consent.allow' AND actor_id = ${ada.userId}`
    assert.deepEqual(metadata, {
      clientName: 'Example App',
      scopes: ['openid', 'profile', 'email', 'read:sandboxes'],
      organizationIds: [engines],
    })
  })

  it('mails the owners about five requests of a member a day, also with other apps, and about those of others', async () => {
    const [owner, ada, bob] = [await provider.person(), await provider.person(), await provider.person()]
    const { $client: sql } = provider.database
    const strict = await organizationOf(provider, owner, 'Strict')
    await sql`UPDATE organizations SET app_access = 'by_approval' WHERE id = ${strict}`
    await sql`INSERT INTO organization_members (organization_id, user_id, role)
      VALUES (${strict}, ${ada.userId}, 'member'), (${strict}, ${bob.userId}, 'member')`
    const { visit } = await arriveSignedIn(ada, await newClient())
    const before = await outbox.count()
    for (let count = 1; count <= 7; count += 1) {
      const client = await newClient()
      const asked = await submitConsent(visit, await arrive(visit, authorization(client)), { request: strict })
      assert.match(textOf(asked), /Strict Approval requested/)
      // An app that is deleted takes its request with it: the limit of open requests does not count it.
      await sql`DELETE FROM oidc_clients WHERE id = ${client.clientId}`
    }
    assert.equal((await sql`SELECT FROM app_requests WHERE organization_id = ${strict}`).length, 0)
    const other = await newClient()
    const { visit: visitOfBob, page } = await arriveSignedIn(bob, other)
    await submitConsent(visitOfBob, page, { request: strict })
    // The mail about the last request is sent last.
    await waitFor(async () => (await outbox.count()) >= before + 6)
    assert.equal(await outbox.count(), before + 6)
  })

  it('counts the requests of a user for the approval of apps, before their work', async () => {
    const [ada, client] = [await provider.person(), await newClient()]
    const { visit, page } = await arriveSignedIn(ada, client)
    const ask = () => submitConsent(visit, page, { organization: [], request: 'org_nope' })
    let asked = await ask()
    for (let count = 1; count <= 20; count += 1) {
      assert.equal(asked.status, 400)
      asked = await ask()
    }
    assert.equal(asked.status, 429)
    assert.match(asked.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
    assert.match(textOf(asked), /You have requested many apps/)
  })

  it('offers no organization if the app requests identity scopes only', async () => {
    const [ada, client] = [await provider.person(), await newClient()]
    const { visit, page } = await arriveSignedIn(ada, client, { scope: 'openid email' })
    assert.ok(!page.html.includes('name="organization"'))
    assert.ok(isCode(await submitConsent(visit, page, { decision: 'allow', organization: ada.organizationId })))
    assert.deepEqual(await listGrants(ada), [{ scopes: ['openid', 'email'], organizationIds: [] }])
  })

  it('is skipped for scopes already granted, and shown again for more', async () => {
    const [ada, client] = [await provider.person(), await newClient()]
    const engines = await organizationOf(provider, ada, 'Analytical Engines')
    const { visit, page } = await arriveSignedIn(ada, client, { scope: 'openid read:sandboxes' })
    await submitConsent(visit, page, { decision: 'allow', organization: [engines] })
    assert.ok(isCode(await arrive(visit, authorization(client, { scope: 'openid read:sandboxes' }))))

    const more = await arrive(visit, authorization(client))
    assert.match(textOf(more), /wants to use your account/)
    assert.match(more.html, new RegExp(`value="${engines}" checked`))
    const elsewhere = await arriveSignedIn(ada, client, { scope: 'openid' })
    assert.ok(isCode(elsewhere.page))
  })

  it('is shown every time for a native app, including the CLI', async () => {
    const ada = await provider.person()
    const cli: TestClient = {
      clientId: 'daytona-cli',
      secret: undefined,
      redirectUri: 'http://127.0.0.1:4711/callback',
    }
    for (const client of [await newClient('native', 'http://127.0.0.1/callback'), cli]) {
      const native = { ...client, redirectUri: 'http://127.0.0.1:4711/callback' }
      const { visit, page } = await arriveSignedIn(ada, native)
      assert.ok(isCode(await submitConsent(visit, page, { decision: 'allow', organization: ada.organizationId })))
      assert.match(textOf(await arrive(visit, authorization(native))), /wants to use your account/)
    }
    const { page } = await arriveSignedIn(ada, cli)
    assert.match(textOf(page), /Do everything that you can do, in all of your organizations/)
    assert.ok(!page.html.includes('name="organization"'))
    assert.deepEqual(
      (await listGrants(ada)).map(({ organizationIds }) => organizationIds),
      [[ada.organizationId], null],
    )
  })

  it('is never shown for the dashboard', async () => {
    const ada = await provider.person()
    const visit = visitor(provider.issuer)
    const page = await arrive(visit, authorization(DASHBOARD(provider.issuer)))
    const resumed = await send(visit, page, 'sign-in', { email: ada.email, password: PASSWORD })
    assert.ok(isCode(await visit.get(resumed.location ?? '')))
  })

  it('is invalid if the user was disabled in the meantime', async () => {
    const [ada, client] = [await provider.person(), await newClient()]
    const { visit, page } = await arriveSignedIn(ada, client)
    await provider.database.$client`UPDATE users SET disabled_at = now() WHERE id = ${ada.userId}`
    const refused = await send(visit, page, 'consent', { decision: 'allow', organization: ada.organizationId })
    assert.equal(refused.status, 400)
    assert.deepEqual(await listGrants(ada), [])
  })
})

describe('an account switch', () => {
  it('is possible on the consent page: it signs out the current account after a confirmation', async () => {
    const [ada, grace, client] = [await provider.person(), await provider.person('Grace'), await newClient()]
    const { visit, page } = await arriveSignedIn(ada, client, { state: 'kept' })
    const signIn = await visit.get(`${page.url.pathname}/sign-in`)
    assert.match(textOf(signIn), /^Sign in .* Go back$/)
    const question = await visit.follow(
      await send(visit, signIn, 'sign-in', { email: grace.email, password: PASSWORD }),
    )
    assert.match(textOf(question), /^Switch account\?/)
    const consent = await visit.follow(
      await visit.post('/oauth/logout/confirm', {
        xsrf: /name="xsrf" value="([^"]+)"/.exec(question.html)?.[1] ?? '',
        logout: 'yes',
      }),
    )
    assert.match(textOf(consent), new RegExp(`You are signed in as ${grace.email}`))
    const done = await submitConsent(visit, consent, { decision: 'allow', organization: grace.organizationId })
    assert.equal(done.location?.searchParams.get('state'), 'kept')
    assert.ok(isCode(done))
    assert.deepEqual(await listGrants(ada), [])
    assert.equal((await listGrants(grace)).length, 1)
  })
})
