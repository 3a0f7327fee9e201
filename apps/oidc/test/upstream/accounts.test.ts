import assert from 'node:assert/strict'
import { after, beforeEach, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { trailOf } from '../browser/harness.ts'
import { type Answer, inputOf, send, textOf, type Visitor } from '../browser/visitor.ts'
import { PASSWORD, type Person } from '../fixture.ts'
import { acme, answerOf, mockUpstream, providerWithUpstream } from './mock-upstream.ts'

const mock = await mockUpstream({ after })
const second = await mockUpstream({ after })
const { provider, open, begin, owner } = await providerWithUpstream(
  { after },
  {
    ...acme(mock.issuer),
    UPSTREAM_SECOND_ISSUER: second.issuer,
    UPSTREAM_SECOND_CLIENT_ID: 'daytona',
    UPSTREAM_SECOND_CLIENT_SECRET: 'secret',
  },
)
const { $client: sql } = provider.database
let people = 0

beforeEach(() => {
  mock.reset()
  second.reset()
})

/** A person at the upstream provider who has no account here. */
function stranger(claims: Record<string, unknown> = {}) {
  people += 1
  return {
    sub: `acme-${people}`,
    email: `acme${people}@acme.example`,
    email_verified: true,
    name: 'Ada King',
    ...claims,
  }
}

async function attempt(name = 'acme'): Promise<{ visit: Visitor; answer: Answer }> {
  const { visit, page } = await open()
  return { visit, answer: await back(visit, page, name) }
}

async function back(visit: Visitor, page: Answer, name = 'acme'): Promise<Answer> {
  return visit.follow(await visit.get(await answerOf(await begin(visit, page, name))))
}

const sessionsOf = ({ cookies }: Visitor) => cookies.filter(({ name }) => name.endsWith('_session')).length
const identitiesOf = async ({ userId }: Pick<Person, 'userId'>) => [
  ...(await sql`SELECT issuer, subject FROM user_identities WHERE user_id = ${userId} ORDER BY issuer`),
]

async function userWith(email: string) {
  const [row] = await sql<(Person & { name: string; verified: boolean; passwords: number })[]>`
    SELECT users.id AS "userId", organizations.id AS "organizationId", email, users.name, email_verified AS verified,
      (SELECT count(*)::int FROM user_credentials WHERE user_id = users.id) AS passwords
    FROM users JOIN organizations ON created_by = users.id AND personal WHERE email = ${email}`
  return row
}

describe('an unverified address', () => {
  for (const email_verified of [false, undefined, 'true', 1]) {
    it(`creates no account and is no proof: email_verified ${email_verified}`, async () => {
      const ada = await provider.person()
      for (const email of [stranger().email, ada.email]) {
        mock.claims = stranger({ email, email_verified })
        const { visit, answer } = await attempt()
        assert.equal(answer.status, 400)
        assert.match(textOf(answer), /Acme has not verified your email address/)
        assert.equal(sessionsOf(visit), 0)
      }
      assert.deepEqual(await identitiesOf(ada), [])
    })
  }

  it('creates no account without an address, or with one that cannot be stored', async () => {
    for (const email of [undefined, '', 'ada', 'a\0b@acme.example', `${'x'.repeat(321)}@acme.example`]) {
      mock.claims = stranger({ email })
      assert.match(textOf((await attempt()).answer), /Acme has not verified your email address/)
    }
  })
})

describe('an account with the address of a new identity', () => {
  it('is not signed in to and not linked without its password', async () => {
    const ada = await provider.person()
    mock.claims = stranger({ email: ada.email.toUpperCase() })
    const { visit, answer } = await attempt()
    assert.match(textOf(answer), new RegExp(`Connect Acme There is already an account with ${ada.email}`))
    assert.equal(inputOf(answer, 'email'), ada.email)
    const wrong = await send(visit, answer, 'sign-in', { email: ada.email, password: 'not the password' })
    assert.equal(wrong.status, 400)
    assert.match(textOf(wrong), /Connect Acme/)
    assert.equal(sessionsOf(visit), 0)
    assert.deepEqual(await identitiesOf(ada), [])
  })

  it('is not linked by a sign-in to another account', async () => {
    const [ada, eve] = [await provider.person(), await provider.person()]
    mock.claims = stranger({ email: ada.email })
    const { visit, answer } = await attempt()
    await visit.follow(await send(visit, answer, 'sign-in', { email: eve.email, password: PASSWORD }))
    assert.equal(sessionsOf(visit), 1)
    assert.deepEqual([await identitiesOf(ada), await identitiesOf(eve)], [[], []])
  })

  it('is not linked if the user declines', async () => {
    const ada = await provider.person()
    mock.claims = stranger({ email: ada.email })
    const { visit, answer } = await attempt()
    const declined = await visit.follow(await visit.get(`${answer.url.pathname}?connect=no`))
    assert.doesNotMatch(textOf(declined), /Connect Acme/)
    await visit.follow(await send(visit, declined, 'sign-in', { email: ada.email, password: PASSWORD }))
    assert.equal(sessionsOf(visit), 1)
    assert.deepEqual(await identitiesOf(ada), [])
  })

  it('is not linked by a cookie of another interaction or another deployment', async () => {
    const ada = await provider.person()
    mock.claims = stranger({ email: ada.email })
    const { visit } = await attempt()
    const link = visit.cookies.find(({ name }) => name.endsWith('_link'))
    assert.ok(link)
    const { visit: victim, page } = await open()
    const [start = ''] = /^\/oauth\/interaction\/[^/]+/.exec(page.url.pathname) ?? []
    const content = JSON.parse(Buffer.from(link.value.split('.')[0] ?? '', 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...content, uid: start.split('/').at(-1) })).toString('base64url')
    for (const value of [link.value, `${forged}.${link.value.split('.')[1]}`, 'x', 'x.y']) {
      victim.plant({ name: link.name, value, path: start })
      assert.doesNotMatch(textOf(await victim.get(page.url)), /Connect Acme/)
    }
    await victim.follow(await send(victim, page, 'sign-in', { email: ada.email, password: PASSWORD }))
    assert.deepEqual(await identitiesOf(ada), [])
  })

  it('is linked once its password was entered, and is signed in to by the identity from then on', async () => {
    const ada = await provider.person()
    mock.claims = stranger({ email: ada.email })
    const { visit, answer } = await attempt()
    const end = await visit.follow(await send(visit, answer, 'sign-in', { email: ada.email, password: PASSWORD }))
    assert.match(textOf(end), /Example App/)
    const linked = [{ issuer: mock.issuer, subject: mock.claims['sub'] }]
    assert.deepEqual(await identitiesOf(ada), linked)
    assert.equal(
      visit.cookies.some(({ name }) => name.endsWith('_link')),
      false,
    )
    // The address at the provider does not matter any more, nor whether it is verified.
    mock.claims = { ...mock.claims, email: owner.email, email_verified: false }
    const again = await attempt()
    assert.equal(sessionsOf(again.visit), 1)
    assert.match(textOf(again.answer), new RegExp(ada.email))
    assert.deepEqual(
      (await trailOf(provider, ada)).slice(1).map(({ action, statusCode, actorId }) => [action, statusCode, actorId]),
      [
        ['user.sign_in', 200, ada.userId],
        ['user.link_identity', 200, ada.userId],
        ['user.sign_in', 200, ada.userId],
      ],
    )
  })
})

describe('a disabled account', () => {
  it('is not signed in to by its identity, which its trail records', async () => {
    mock.claims = stranger()
    await attempt()
    const ada = await userWith(String(mock.claims['email']))
    assert.ok(ada)
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${ada.userId}`
    const { visit, answer } = await attempt()
    assert.equal(answer.status, 400)
    assert.match(textOf(answer), /Your account is disabled/)
    assert.equal(sessionsOf(visit), 0)
    await waitFor(async () => (await trailOf(provider, ada)).at(-1)?.['statusCode'] === 401)
    assert.deepEqual((await trailOf(provider, ada)).at(-1), {
      action: 'user.sign_in',
      statusCode: 401,
      actorId: null,
      targetId: ada.userId,
    })
  })
})

describe('a new identity with a verified address', () => {
  it('gets an account without a password, and signs in to it again', async () => {
    mock.claims = stranger()
    const { visit, answer } = await attempt()
    assert.match(textOf(answer), /Example App/)
    assert.equal(sessionsOf(visit), 1)
    const ada = await userWith(String(mock.claims['email']))
    assert.deepEqual([ada?.name, ada?.verified, ada?.passwords], ['Ada King', true, 0])
    assert.ok(ada)
    assert.deepEqual(await identitiesOf(ada), [{ issuer: mock.issuer, subject: mock.claims['sub'] }])
    const languageOf = async () => (await sql`SELECT language FROM users WHERE id = ${ada.userId}`)[0]?.['language']
    assert.equal(await languageOf(), 'en')
    await sql`UPDATE users SET language = 'de' WHERE id = ${ada.userId}`
    await attempt()
    assert.equal(await languageOf(), 'en')
    assert.deepEqual(
      (await trailOf(provider, ada)).map(({ action }) => action),
      ['user.create', 'user.link_identity', 'user.sign_in'],
    )
  })

  it('gets one account from ten browsers at once', async () => {
    mock.claims = stranger()
    const answers = await Promise.all(Array.from({ length: 10 }, () => attempt()))
    for (const { visit, answer } of answers) assert.equal(sessionsOf(visit), 1, textOf(answer))
    const [row] = await sql`SELECT count(*)::int AS users FROM users WHERE email = ${String(mock.claims['email'])}`
    assert.equal(row?.['users'], 1)
  })

  it('may have its address in userinfo only, and a name that is not accepted', async () => {
    const { email, sub } = stranger()
    mock.claims = { sub }
    mock.userinfo = { email, email_verified: true, name: 'Ada\u202eKing' }
    await attempt()
    assert.equal((await userWith(email))?.name, email.split('@')[0])
  })

  it('is refused if userinfo is about another person (OIDC Core §5.3.2)', async () => {
    mock.claims = { sub: 'one' }
    mock.userinfo = { ...stranger(), sub: 'another' }
    assert.match(textOf((await attempt()).answer), /could not be verified/)
  })

  it('proves an account without a password for another provider', async () => {
    mock.claims = stranger()
    await attempt()
    second.claims = { ...stranger(), email: mock.claims['email'] }
    const { visit, answer } = await attempt('second')
    assert.match(textOf(answer), /Connect Second .* Continue with Acme/)
    assert.doesNotMatch(textOf(answer), /Continue with Second/)
    await back(visit, answer)
    const ada = await userWith(String(mock.claims['email']))
    assert.ok(ada)
    assert.deepEqual((await identitiesOf(ada)).map(({ issuer }) => issuer).sort(), [mock.issuer, second.issuer].sort())
  })
})
