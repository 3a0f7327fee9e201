import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { rowsIn } from '../account-rows.ts'
import { browser, CLI, DASHBOARD, PASSWORD, type Person, redeem, refresh, testProvider } from '../fixture.ts'
import { locationDatabase } from '../location-database.ts'
import { organizationOf, trailOf } from './harness.ts'
import { createOutbox } from './outbox.ts'
import { type Answer, type Fields, inputOf, send, textOf, type Visitor, visitor } from './visitor.ts'

const NEW_PASSWORD = 'violin harbor teacup 9'
const PAGES = ['', '/email', '/password', '/sessions', '/apps', '/history', '/deletion'].map(
  (path) => `/oauth/account${path}`,
)
const [PROFILE = '', EMAIL = '', CHANGE = '', SESSIONS = '', APPS = '', HISTORY = '', DELETION = ''] = PAGES
const FORMS = [PROFILE, EMAIL, CHANGE, SESSIONS, APPS, DELETION]

const outbox = await createOutbox({ after })
const LOCATION_DATABASE = await locationDatabase(
  { after },
  { '8.8.8.8': { country: { iso_code: 'AT' }, city: { names: { en: 'Vienna' } } } },
)
const provider = await testProvider(
  { after },
  { env: { OUTBOX_DIR: outbox.directory, FAILED_SIGN_INS_LIMIT: '3', LOCATION_DATABASE } },
)
const { database, issuer } = provider
const { $client: sql } = database
const rows = rowsIn(provider)
const dashboard = DASHBOARD(issuer)

/** Opens an account page in a browser and signs in there. */
async function openPage(
  person: Person,
  path: string,
  visit = visitor(issuer),
): Promise<{ visit: Visitor; page: Answer }> {
  const signIn = await visit.follow(await visit.get(path))
  assert.match(signIn.html, /name="password"/, signIn.html)
  const page = await visit.follow(await send(visit, signIn, 'sign-in', { email: person.email, password: PASSWORD }))
  assert.equal(page.url.pathname, path)
  assert.equal(page.status, 200)
  return { visit, page }
}

const post = (visit: Visitor, page: Answer, path: string, fields: Fields) =>
  visit.post(path, { csrf: inputOf(page, 'csrf'), ...fields })

/** Signs in to the dashboard in another browser, and returns its tokens. */
async function anotherBrowser(person: Person, client = dashboard) {
  const at = browser(provider, person)
  const { body } = await redeem(provider, client, await at.authorize(client, { scope: 'openid offline_access' }))
  return { refresh: async () => (await refresh(provider, client, body['refresh_token'] ?? '')).status }
}

const actionsOf = async (person: Person) => (await trailOf(provider, person)).map(({ action }) => action)

describe('the account pages', () => {
  it('lead to the sign-in and back, without a code or a grant', async () => {
    const ada = await provider.person()
    for (const path of PAGES) {
      const { page } = await openPage(ada, path)
      assert.equal(page.url.searchParams.has('code'), false)
      assert.equal(page.headers.get('cache-control'), 'no-store')
      assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'.*form-action 'self'/)
      assert.ok(!page.html.includes('<script'))
    }
    assert.deepEqual([...(await sql`SELECT id FROM grants WHERE user_id = ${ada.userId}`)], [])
  })

  it('lead to a sign-in page in the language of the browser, also where it names them', async () => {
    const visit = visitor(issuer, { 'accept-language': 'de' })
    const page = await visit.follow(await visit.get(PROFILE))
    assert.match(textOf(page), /^Anmelden Weiter zu Daytona E-Mail-Adresse/)
  })

  it('do not repeat a cancelled sign-in', async () => {
    const visit = visitor(issuer)
    const signIn = await visit.follow(await visit.get(PROFILE))
    const shown = await visit.follow(await send(visit, signIn, 'cancel', {}))
    assert.deepEqual([shown.url.pathname, shown.status], [PROFILE, 401])
    assert.match(textOf(shown), /You are not signed in/)
  })

  it('refuse forms without a token, of another site, of another session and of a disabled or signed-out user', async () => {
    const [ada, eve] = [await provider.person(), await provider.person()]
    const { visit, page } = await openPage(ada, PROFILE)
    const other = await openPage(eve, PROFILE)
    for (const path of FORMS) {
      const fields = {
        name: 'Eve',
        password: PASSWORD,
        new_password: NEW_PASSWORD,
        email: ada.email,
        decision: path === PROFILE ? 'preferences' : 'delete',
        language: 'de',
        time_zone: 'UTC',
      }
      assert.equal((await visit.post(path, fields)).status, 403)
      const foreign = { origin: 'https://evil.example' }
      assert.equal((await visit.post(path, { ...fields, csrf: inputOf(page, 'csrf') }, foreign)).status, 403)
      assert.equal((await post(visit, other.page, path, fields)).status, 409)
    }
    await visit.post('/oauth/logout/confirm', {
      logout: 'yes',
      xsrf: inputOf(await visit.get('/oauth/logout'), 'xsrf'),
    })
    for (const path of FORMS) {
      const answer = await post(visit, page, path, { name: 'Eve', decision: 'delete', email: ada.email })
      assert.equal(answer.location?.pathname, '/oauth/authorize')
    }
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${eve.userId}`
    for (const path of FORMS) {
      const answer = await post(other.visit, other.page, path, { name: 'Eve', decision: 'delete', email: eve.email })
      assert.equal(answer.location?.pathname, '/oauth/authorize')
    }
    assert.deepEqual(
      (await sql`SELECT name, chosen_language, time_zone FROM users WHERE id IN (${ada.userId}, ${eve.userId})`).map(
        (row) => ({ ...row }),
      ),
      Array(2).fill({ name: 'Ada Lovelace', chosen_language: null, time_zone: null }),
    )
  })

  it('answer any text in a field or a query without a server error', async () => {
    const { visit, page } = await openPage(await provider.person(), PROFILE)
    const values = [
      '',
      '\0',
      '%00',
      '\u202e',
      "'; DROP TABLE users",
      'x'.repeat(5000),
      '999999999999999999',
      '-1',
      '../..',
    ]
    for (const value of values) {
      for (const path of PAGES) {
        const query = new URLSearchParams({ done: value, at: value, id: value, error: value })
        assert.ok((await visit.get(`${path}?${query}`)).status < 500, `${path} ${value}`)
      }
      for (const path of FORMS) {
        const fields = {
          name: value,
          email: value,
          new_password: value,
          session: value,
          client: value,
          decision: value,
        }
        assert.ok((await post(visit, page, path, fields)).status < 500, `${path} ${value}`)
        const preferences = { decision: 'preferences', language: value, time_zone: value }
        if (path === PROFILE) assert.equal((await post(visit, page, path, preferences)).status, 400, value)
      }
    }
  })
})

describe('the profile', () => {
  it('changes the name, and refuses one that may not be chosen', async () => {
    const ada = await provider.person()
    const { visit, page } = await openPage(ada, PROFILE)
    for (const name of ['', ' ', 'x'.repeat(129), 'a\u202eb']) {
      assert.equal((await post(visit, page, PROFILE, { name })).status, 400)
    }
    const changed = await visit.follow(await post(visit, page, PROFILE, { name: 'Ada <b>' }))
    assert.match(textOf(changed), /Your name was changed/)
    assert.match(changed.html, /value="Ada &lt;b&gt;"/)
    assert.equal((await actionsOf(ada)).at(-1), 'user.update')
  })

  const chosenBy = async ({ userId }: Person) => {
    const [row] = await sql`SELECT language, chosen_language AS "chosenLanguage", time_zone AS "timeZone" FROM users
      WHERE id = ${userId}`
    return { ...row }
  }

  it('refuses a language and a time zone that are not in the lists, and marks the field', async () => {
    const ada = await provider.person()
    const { visit, page } = await openPage(ada, PROFILE)
    const before = await chosenBy(ada)
    const good = { language: 'de', time_zone: 'Europe/Vienna' }
    const refused: Record<string, Record<string, Fields[string]>> = {
      language: { unknown: 'tlh', 'with a region': 'de-AT', 'of another case': 'DE', empty: '', twice: ['de', 'de'] },
      time_zone: {
        unknown: 'Mars/Olympus',
        offset: '+01:00',
        'of another case': 'utc',
        empty: '',
        twice: ['UTC', 'UTC'],
      },
    }
    for (const [field, values] of Object.entries(refused)) {
      for (const [what, value] of Object.entries({ ...values, long: 'x'.repeat(65), prototype: '__proto__' })) {
        const answer = await post(visit, page, PROFILE, { decision: 'preferences', ...good, [field]: value })
        assert.equal(answer.status, 400, `${field} ${what}`)
        const marked = [...answer.html.matchAll(/id="(\w+)" name="\w+"[^>]* aria-invalid="true"/g)].map(([, id]) => id)
        assert.deepEqual(marked, [field], `${field} ${what}`)
      }
      const { [field as keyof typeof good]: _, ...rest } = good
      assert.equal((await post(visit, page, PROFILE, { decision: 'preferences', ...rest })).status, 400)
    }
    assert.deepEqual(await chosenBy(ada), before)
    assert.ok(!(await actionsOf(ada)).includes('user.choose_preferences'))
  })

  it('stores the language and the time zone that are chosen, records that, and removes them again', async () => {
    const ada = await provider.person()
    const { visit, page } = await openPage(ada, PROFILE)
    const selected = ({ html }: Answer) =>
      [...html.matchAll(/<option value="([^"]*)"[^>]* selected>/g)].map(([, one]) => one)
    const save = (language: string, time_zone: string) =>
      post(visit, page, PROFILE, { decision: 'preferences', language, time_zone })
    assert.deepEqual(selected(page), [])
    const saved = await visit.follow(await save('de', 'Europe/Vienna'))
    assert.match(textOf(saved), /Your language and time zone were saved/)
    assert.match(textOf(saved), /Deutsch/)
    assert.deepEqual(selected(saved), ['de', 'Europe/Vienna'])
    assert.equal(saved.headers.get('content-language'), 'en', 'the page stays in the language of the browser')
    assert.deepEqual(await chosenBy(ada), { language: 'en', chosenLanguage: 'de', timeZone: 'Europe/Vienna' })
    const event = (await trailOf(provider, ada)).at(-1)
    assert.equal(event?.['action'], 'user.choose_preferences')
    assert.match(textOf(await visit.get(HISTORY)), /Language and time zone chosen/)
    assert.equal((await save('none', 'UTC')).status, 303)
    assert.deepEqual(await chosenBy(ada), { language: 'en', chosenLanguage: null, timeZone: 'UTC' })
    assert.equal((await save('none', 'none')).status, 303)
    assert.deepEqual(await chosenBy(ada), { language: 'en', chosenLanguage: null, timeZone: null })
  })

  it('keeps a chosen value that another release does not list', async () => {
    const ada = await provider.person()
    await sql`UPDATE users SET chosen_language = 'fr', time_zone = 'Europe/Old_Name' WHERE id = ${ada.userId}`
    const { visit, page } = await openPage(ada, PROFILE)
    assert.match(page.html, /<option value="fr" lang="fr" selected>français</)
    const fields = { decision: 'preferences', language: 'fr', time_zone: 'Europe/Old_Name' }
    assert.equal((await post(visit, page, PROFILE, fields)).status, 303)
    assert.deepEqual(await chosenBy(ada), { language: null, chosenLanguage: 'fr', timeZone: 'Europe/Old_Name' })
    assert.equal((await post(visit, page, PROFILE, { ...fields, time_zone: 'UTC' })).status, 303)
    assert.equal((await post(visit, page, PROFILE, fields)).status, 400)
  })
})

describe('a password change', () => {
  it('needs the current password, whose attempts are limited, and a new one that may be chosen', async () => {
    const ada = await provider.person()
    const { visit, page } = await openPage(ada, CHANGE)
    const change = (password: string, new_password: string) => post(visit, page, CHANGE, { password, new_password })
    const weak = await change(PASSWORD, 'password1234')
    assert.equal(weak.status, 400)
    assert.match(textOf(weak), /too easy to guess/)
    for (const status of [400, 400, 400, 429])
      assert.equal((await change('wrong password 1', NEW_PASSWORD)).status, status)
    assert.equal((await change(PASSWORD, NEW_PASSWORD)).status, 429)
    assert.deepEqual(
      (await trailOf(provider, ada)).flatMap(({ action, statusCode }) =>
        action === 'user.change_password' ? [statusCode] : [],
      ),
      [401, 401, 401],
    )
    assert.equal(await rows.canSignIn(visitor(issuer), ada, NEW_PASSWORD), false)
  })

  it('ends every other session and grant, and neither this session nor API keys', async () => {
    const ada = await provider.person()
    const [other, cli] = [await anotherBrowser(ada), await anotherBrowser(ada, CLI)]
    const key = await rows.people.key(ada.userId, ada.organizationId, { name: 'key' })
    const { visit, page } = await openPage(ada, CHANGE)
    const answers = await Promise.all(
      [1, 2, 3].map(() => post(visit, page, CHANGE, { password: PASSWORD, new_password: NEW_PASSWORD })),
    )
    assert.equal(answers.filter(({ status }) => status === 303).length, 1, String(answers.map(({ status }) => status)))
    assert.ok(answers.every(({ status }) => [303, 400, 409].includes(status)))
    assert.deepEqual([await other.refresh(), await cli.refresh()], [400, 400])
    assert.equal(await rows.keyStatus(key), 'active')
    assert.equal((await visit.get(PROFILE)).status, 200)
    assert.equal(await rows.canSignIn(visitor(issuer), ada, NEW_PASSWORD), true)
    assert.equal(
      (await trailOf(provider, ada)).filter(
        ({ action, statusCode }) => action === 'user.change_password' && statusCode === 200,
      ).length,
      1,
    )
    assert.match((await outbox.next(ada.email)).content, /password was changed/)
  })

  it('ends the mailed link to choose a password', async () => {
    const ada = await provider.person()
    const { visit, page } = await openPage(ada, CHANGE)
    const stranger = visitor(issuer)
    await stranger.post('/oauth/recovery', { email: ada.email })
    const token = (await outbox.next(ada.email)).tokenOf('/oauth/recovery/password')
    const refused = await post(visit, page, CHANGE, { password: 'wrong password 1', new_password: NEW_PASSWORD })
    assert.equal(refused.status, 400)
    const link = `/oauth/recovery/password?token=${token}`
    assert.equal((await stranger.get(link)).status, 200)
    assert.equal((await post(visit, page, CHANGE, { password: PASSWORD, new_password: NEW_PASSWORD })).status, 303)
    assert.match(textOf(await stranger.get(link)), /This link does not work any more/)
    const late = await stranger.post('/oauth/recovery/password', { token, password: 'teacup violin harbor 8' })
    assert.match(textOf(late), /This link does not work any more/)
    assert.equal(await rows.canSignIn(visitor(issuer), ada, NEW_PASSWORD), true)
  })
})

describe('sessions', () => {
  it('are listed with this one marked, and end one by one or all others at once', async () => {
    const ada = await provider.person()
    const others = [await anotherBrowser(ada), await anotherBrowser(ada), await anotherBrowser(ada)]
    const { visit, page } = await openPage(ada, SESSIONS)
    assert.equal(page.html.match(/This browser/g)?.length, 1)
    assert.match(textOf(page), /from your current address, 127\.0\.0\.1, last seen/)
    await sql`UPDATE oidc_artifacts SET payload = jsonb_set(payload, '{seen,address}', '"8.8.8.8"')
      WHERE model = 'Session' AND account_id = ${ada.userId}`
    assert.equal(textOf(await visit.get(SESSIONS)).match(/from 8\.8\.8\.8 \(Vienna, Austria\)/g)?.length, 4)
    const ids = [...page.html.matchAll(/name="session" value="([^"]+)"/g)].map(([, id]) => id ?? '')
    assert.equal(ids.length, 3)
    assert.equal((await post(visit, page, SESSIONS, { session: ids[0] ?? '' })).status, 303)
    const count = async () =>
      (await Promise.all(others.map(({ refresh }) => refresh()))).filter((status) => status === 200).length
    assert.equal(await count(), 2)
    const done = await visit.follow(await post(visit, page, SESSIONS, { decision: 'others' }))
    assert.match(textOf(done), /Every other session was ended/)
    assert.equal(await count(), 0)
    assert.equal((await visit.get(PROFILE)).status, 200)
    assert.equal((await actionsOf(ada)).filter((action) => action === 'session.end').length, 3)
  })

  it('of another user are neither shown nor ended', async () => {
    const [ada, eve] = [await provider.person(), await provider.person()]
    const other = await anotherBrowser(ada)
    const [session] = await sql`SELECT uid FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${ada.userId}`
    const { visit, page } = await openPage(eve, SESSIONS)
    assert.ok(!page.html.includes(session?.['uid']))
    await post(visit, await visit.get(PROFILE), SESSIONS, { session: session?.['uid'] })
    // The grants of a session have a user of their own, so a refresh alone does not show that the session exists.
    assert.equal((await sql`SELECT FROM oidc_artifacts WHERE uid = ${session?.['uid']}`).length, 1)
    assert.equal(await other.refresh(), 200)
    assert.ok(!(await actionsOf(eve)).includes('session.end'))
  })
})

describe('apps', () => {
  it('are listed with scopes and the organizations of the user, and lose their access', async () => {
    const [ada, developer] = [await provider.person(), await provider.person()]
    const organization = await organizationOf(provider, ada, 'Acme & Sons')
    const app = await provider.client(developer, { scopes: ['openid', 'offline_access', 'read:sandboxes'] })
    const at = browser(provider, ada)
    const scope = 'openid offline_access read:sandboxes'
    const { body } = await redeem(provider, app, await at.authorize(app, { scope }))
    const left = await organizationOf(provider, developer, 'Secret Lab')
    await sql`UPDATE grants SET organization_ids = ${[organization, left]} WHERE user_id = ${ada.userId}`
    const { visit, page } = await openPage(ada, APPS)
    assert.match(textOf(page), /Example App Third-party app/)
    assert.match(page.html, /Acme &amp; Sons/)
    assert.doesNotMatch(page.html, /Secret Lab/)
    const removed = await visit.follow(await post(visit, page, APPS, { client: app.clientId }))
    assert.match(textOf(removed), /The app has no access any more.*No app has access/)
    assert.equal((await refresh(provider, app, body['refresh_token'] ?? '')).status, 400)
    assert.deepEqual((await actionsOf(ada)).slice(-2), ['authorized_app.remove', 'grant.revoke'])
  })
})

describe('the security history', () => {
  it('shows the own sign-ins and changes, refused ones too, and nothing of others', async () => {
    const [ada, eve] = [await provider.person(), await provider.person()]
    await rows.canSignIn(visitor(issuer), ada, 'wrong password 1')
    await openPage(eve, PROFILE)
    const { visit, page } = await openPage(ada, PROFILE)
    await post(visit, page, CHANGE, { password: 'wrong password 1', new_password: NEW_PASSWORD })
    await waitFor(async () => (await actionsOf(ada)).includes('user.change_password'))
    const shown = await visit.get(HISTORY)
    assert.match(
      textOf(shown),
      /Wrong current password entered .* UTC , Unknown browser, from your current address, 127\.0\.0\.1 Signed in: Daytona .*Failed sign-in: Daytona Dashboard .*Account created/,
    )
    assert.equal(shown.html.match(/Signed in: /g)?.length, 1)
    assert.equal(shown.html.match(/class="name denied"/g)?.length, 2)
    const [event] = await sql`SELECT status_code, actor_id FROM audit_events
      WHERE action = 'user.change_password' AND target_id = ${ada.userId}`
    assert.deepEqual(event, { status_code: 401, actor_id: ada.userId })
  })

  it('has further pages', async () => {
    const ada = await provider.person()
    const { visit, page } = await openPage(ada, PROFILE)
    for (let count = 0; count < 51; count += 1) await post(visit, page, PROFILE, { name: `Ada ${count}` })
    const first = await visit.get(HISTORY)
    assert.equal(first.html.match(/Name changed/g)?.length, 50)
    const older = /href="(\/oauth\/account\/history\?[^"]+)"/.exec(first.html)?.[1]?.replaceAll('&amp;', '&') ?? ''
    assert.match(textOf(await visit.get(older)), /Name changed .*Signed in.*Account created/)
  })
})

describe('the deletion of the own account', () => {
  it('needs a recent sign-in, when the page is shown and when its form is sent', async () => {
    const ada = await provider.person()
    const { visit, page } = await openPage(ada, DELETION)
    // The last whole second at which the page and the provider could disagree, and redirect to each other.
    await sql`
      UPDATE oidc_artifacts SET payload = payload || jsonb_build_object('loginTs', floor(extract(epoch FROM now())) - 300)
      WHERE model = 'Session' AND account_id = ${ada.userId}`
    const again = await visit.follow(await visit.get(DELETION))
    assert.match(textOf(again), /Confirm it’s you/)
    const answer = await post(visit, page, DELETION, { email: ada.email, decision: 'delete' })
    assert.equal(answer.status, 409)
    assert.equal(await rows.canSignIn(visitor(issuer), ada, PASSWORD), true)
  })

  it('needs the button and the address, and is blocked by an organization without another owner', async () => {
    const ada = await provider.person()
    const shared = await organizationOf(provider, ada, 'Acme')
    await rows.people.member(shared, (await provider.person()).userId, 'member')
    const { visit, page } = await openPage(ada, DELETION)
    assert.match(textOf(page), /You are the only owner of Acme/)
    const { page: profile } = { page: await visit.get(PROFILE) }
    for (const fields of [{}, { decision: 'delete' }, { email: ada.email }, { decision: 'delete', email: 'x' }]) {
      assert.equal((await post(visit, profile, DELETION, fields as Fields)).status, 400)
    }
    const blocked = await post(visit, profile, DELETION, { decision: 'delete', email: ada.email })
    assert.equal(blocked.status, 409)
    assert.equal(await rows.canSignIn(visitor(issuer), ada, PASSWORD), true)
  })

  it('accepts either spelling of an internationalized address', async () => {
    const ada = await provider.person()
    const { visit, page } = await openPage(ada, DELETION)
    await sql`UPDATE users SET email = ${`${ada.userId}@bücher.example`} WHERE id = ${ada.userId}`
    const email = `${ada.userId}@xn--bcher-kva.example`
    assert.match(textOf(await post(visit, page, DELETION, { decision: 'delete', email })), /Account deleted/)
  })

  it('shows what ends, and ends it', async () => {
    const ada = await provider.person()
    await organizationOf(provider, ada, 'Own Lab')
    const theirs = await organizationOf(provider, await provider.person(), 'Their Lab')
    await rows.people.member(theirs, ada.userId, 'member')
    const key = await rows.people.key(ada.userId, ada.organizationId, { name: 'key' })
    const other = await anotherBrowser(ada)
    const { visit, page } = await openPage(ada, DELETION)
    assert.match(
      textOf(page),
      /One active API key .*The organization Own Lab, of which you are the only member .*membership of Their Lab/,
    )
    const deleted = await post(visit, page, DELETION, { decision: 'delete', email: ada.email.toUpperCase() })
    assert.match(textOf(deleted), /Account deleted/)
    assert.equal(await other.refresh(), 400)
    assert.equal(await rows.keyStatus(key), undefined)
    assert.equal(await rows.canSignIn(visitor(issuer), ada, PASSWORD), false)
    assert.equal((await visit.get(PROFILE)).location?.pathname, '/oauth/authorize')
    const [event] = await sql`SELECT actor_id, metadata ->> 'reason' AS reason FROM audit_events
      WHERE action = 'user.delete' AND organization_id = 'org_deployment' AND target_id = ${ada.userId}`
    assert.deepEqual(event, { actor_id: ada.userId, reason: 'deleted by its user' })
  })
})
