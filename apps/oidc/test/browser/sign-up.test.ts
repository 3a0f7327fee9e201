import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testProvider } from '../fixture.ts'
import { trailOf } from './harness.ts'
import { type Answer, arrive, authorizationRequest, send, textOf, type Visitor, visitor } from './visitor.ts'

const REDIRECT = 'https://cobalt.example/callback'
const PASSWORD = 'violin-harbor-teacup-9'

const provider = await testProvider({ after }, { env: { SIGN_UPS_ADDRESS_LIMIT: '20' } })
const { clientId } = await provider.client(await provider.person(), { type: 'spa', redirectUris: [REDIRECT] })

async function atSignUp(): Promise<{ visit: Visitor; page: Answer }> {
  const visit = visitor(provider.issuer)
  const signIn = await arrive(
    visit,
    authorizationRequest(provider.issuer, { client_id: clientId, redirect_uri: REDIRECT }),
  )
  return { visit, page: await visit.get(`${signIn.url.href}/sign-up`) }
}

const accounts = async () => (await provider.database.$client`SELECT count(*)::int AS n FROM users`)[0]?.['n']

describe('sign-up', () => {
  it('starts the check of passwords with its page, not with the first form', async (t) => {
    let workers = 0
    const count = () => {
      workers += 1
    }
    process.on('worker', count)
    t.after(() => process.off('worker', count))
    await atSignUp()
    assert.ok(workers > 0)
  })

  it('reports all problems at once, keeps valid input and creates no account', async () => {
    const { visit, page } = await atSignUp()
    const before = await accounts()
    const answer = await send(visit, page, 'sign-up', {
      name: 'Grace Hopper',
      email: 'not an address',
      password: 'short',
    })
    assert.equal(answer.status, 400)
    assert.match(answer.html, /<title>Error: Create your account/)
    assert.match(
      textOf(answer),
      /There is a problem Enter an email address, like name@example\.com\. Use at least 12 characters\./,
    )
    assert.match(answer.html, /id="name"[^>]* value="Grace Hopper"/)
    assert.match(
      answer.html,
      /id="email"[^>]* value="not an address" aria-invalid="true" aria-describedby="email-wrong" autofocus/,
    )
    assert.ok(!answer.html.includes('short'))
    assert.equal(await accounts(), before)
  })

  it('refuses a common password and the address as the password', async () => {
    const { visit, page } = await atSignUp()
    const person = { name: 'Grace Hopper', email: 'grace.hopper@example.com' }
    for (const [password, problem] of [
      ['password1234', /This password is too easy to guess/],
      ['grace.hopper@example.com', /Do not use your name or email address as the password/],
    ] as const) {
      assert.match(textOf(await send(visit, page, 'sign-up', { ...person, password })), problem)
    }
  })

  it('creates a user with a personal organization, signs in and continues to the app', async () => {
    const { visit, page } = await atSignUp()
    const fields = { name: ' Grace Hopper ', email: ' Grace@Example.com', password: PASSWORD }
    const answer = await send(visit, page, 'sign-up', fields)
    assert.equal(answer.status, 303)
    const consent = await visit.follow(answer)
    assert.match(textOf(consent), /You are signed in as grace@example\.com/)
    const [user] = await provider.database.$client`
      SELECT users.id, users.name, email, email_verified, language, organizations.id AS organization_id
      FROM users JOIN organizations ON created_by = users.id WHERE email = 'grace@example.com'`
    assert.ok(user)
    const { id, organization_id: organizationId, ...rest } = user
    assert.deepEqual(rest, { name: 'Grace Hopper', email: 'grace@example.com', email_verified: false, language: 'en' })
    assert.deepEqual(await trailOf(provider, { userId: id, organizationId, email: '' }), [
      { action: 'user.create', statusCode: 200, actorId: id, targetId: id },
    ])
  })

  it('reports that an address is taken, in any case, and changes nothing', async () => {
    const ada = await provider.person()
    const { visit, page } = await atSignUp()
    const before = await accounts()
    const answer = await send(visit, page, 'sign-up', {
      name: 'Eve',
      email: ada.email.toUpperCase(),
      password: PASSWORD,
    })
    assert.equal(answer.status, 400)
    assert.match(textOf(answer), /There is already an account with this address\./)
    assert.equal(await accounts(), before)
    assert.equal((await trailOf(provider, ada)).length, 1)
  })

  it('accepts or refuses arbitrary input without a server error', async () => {
    const { visit, page } = await atSignUp()
    for (const text of ['\0', 'x'.repeat(20_000), '\u202e', "'; --", '\ud83d', '%00', '{"$ne":1}']) {
      const answer = await send(visit, page, 'sign-up', { name: text, email: text, password: text })
      assert.equal(answer.status, 400)
    }
  })

  it('is limited for each client address', async () => {
    const { visit, page } = await atSignUp()
    const statuses = []
    for (let count = 0; count < 21; count++) {
      const fields = { name: 'Eve', email: `eve${count}@example.com`, password: PASSWORD }
      statuses.push((await send(visit, page, 'sign-up', fields)).status)
      if (statuses.at(-1) === 429) break
    }
    assert.equal(statuses.at(-1), 429)
    const answer = await send(visit, page, 'sign-up', { name: 'Eve', email: 'eve@example.com', password: PASSWORD })
    assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
    assert.match(textOf(answer), /Too many attempts\. Try again in 15 minutes\./)
  })

  it('counts refused attempts before their password is checked: 70 of them result in 429', async (t) => {
    const other = await testProvider(t)
    const { clientId: client } = await other.client(await other.person(), { type: 'spa', redirectUris: [REDIRECT] })
    const visit = visitor(other.issuer)
    const request = authorizationRequest(other.issuer, { client_id: client, redirect_uri: REDIRECT })
    const signIn = await arrive(visit, request)
    const page = await visit.get(`${signIn.url.href}/sign-up`)
    const fields = { name: 'x'.repeat(50_000), email: 'not an address', password: 'short' }
    const statuses: number[] = []
    for (let count = 0; count < 70; count++) statuses.push((await send(visit, page, 'sign-up', fields)).status)
    assert.deepEqual(statuses, [...Array(50).fill(400), ...Array(20).fill(429)])
  })
})
