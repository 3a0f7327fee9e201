import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { newId } from '@daytona-auth/db/core'
import { insertInvitation } from '@daytona-auth/db/organizations'
import { rowsIn } from '../account-rows.ts'
import { PASSWORD, type Person, testProvider } from '../fixture.ts'
import { organizationOf, trailOf } from './harness.ts'
import { inputOf, textOf, visitor } from './visitor.ts'

const TEST_AUTHORITY = systemAuthority('test')

const provider = await testProvider({ after }, { env: { FAILED_SIGN_INS_LIMIT: '3' } })
const { database, issuer } = provider
const ada = await provider.person('Ada <b>Lovelace</b>')
const organizationId = await organizationOf(provider, ada, 'Acme & Sons')
const page = `${issuer}/oauth/invitation`
const { get, post } = visitor(issuer)
const GONE = /This link does not work any more/

/** Invites an address as the API does. */
async function invite(email: string, endsInMs = 60_000) {
  const token = randomBytes(32).toString('base64url')
  const id = newId('inv')
  const expiresAt = new Date(Date.now() + endsInMs)
  const content = { email, role: 'member' as const, roleIds: [], invitedBy: ada.userId, expiresAt }
  const entry = {
    actorId: null,
    actorEmail: null,
    source: 'test',
    organizationId,
    action: 'invitation.create',
  } as const
  await inAudit(database, TEST_AUTHORITY, entry, (tx) =>
    insertInvitation(tx, organizationId, id, { ...content, tokenDigest: hash('sha256', token, 'buffer') }),
  )
  return { id, token }
}

/** Creates a person with an unverified address. */
async function createUnverifiedPerson(): Promise<Person> {
  const person = await provider.person('Bob')
  await database.$client`UPDATE users SET email_verified = false WHERE id = ${person.userId}`
  return person
}
const isVerified = async ({ userId }: Person) =>
  (await database.$client`SELECT email_verified FROM users WHERE id = ${userId}`)[0]?.['email_verified']

describe('the page of an invitation', () => {
  it('rejects an unknown or expired token, and one of an answered invitation', async () => {
    const bob = await createUnverifiedPerson()
    const over = await invite(bob.email, -1)
    const declined = await invite(bob.email)
    await database.$client`UPDATE organization_invitations SET status = 'declined' WHERE id = ${declined.id}`
    const unknown = randomBytes(32).toString('base64url')
    for (const token of ['', 'x', '\0', unknown, over.token, declined.token]) {
      const shown = await get(`${page}?token=${encodeURIComponent(token)}`)
      assert.equal(shown.status, 404)
      assert.match(textOf(shown), GONE)
      assert.equal((await post(page, { token, password: PASSWORD })).status, 404)
    }
    assert.equal((await get(page)).status, 404)
    assert.equal((await get(`${page}?token=${unknown}&token=${unknown}`)).status, 404)
    assert.equal(await isVerified(bob), false)
  })

  it('refuses a cross-origin form, and a GET changes nothing', async () => {
    const bob = await createUnverifiedPerson()
    const { token } = await invite(bob.email)
    for (let times = 0; times < 3; times += 1) assert.equal((await get(`${page}?token=${token}`)).status, 200)
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: issuer, 'sec-fetch-site': 'same-site' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
    ]) {
      assert.equal((await post(page, { token, password: PASSWORD }, headers)).status, 403)
    }
    assert.equal(await isVerified(bob), false)
  })

  it('requires the account’s own password: the owner of an address cannot verify another person’s account', async () => {
    const bob = await createUnverifiedPerson()
    const { token } = await invite(bob.email)
    for (const [password, status] of [
      ['', 400],
      ['another password 77', 400],
      [`${PASSWORD} `, 400],
      [PASSWORD, 429],
    ] as const) {
      const answer = await post(page, { token, password })
      assert.equal(answer.status, status)
      assert.ok(!answer.html.includes(password) || password === '')
    }
    assert.equal(await isVerified(bob), false)
    const stranger = await invite('unknown@example.com')
    assert.equal((await post(page, { token: stranger.token, password: PASSWORD })).status, 400)
  })

  it('names inviter and organization, escaped, and is sent without a referrer', async () => {
    const { token } = await invite((await createUnverifiedPerson()).email)
    const shown = await get(`${page}?token=${token}`)
    assert.match(shown.html, /<strong>Ada &lt;b&gt;Lovelace&lt;\/b&gt;<\/strong>/)
    assert.match(shown.html, /Acme &amp; Sons/)
    assert.equal(inputOf(shown, 'token'), token)
    assert.equal(shown.headers.get('referrer-policy'), 'no-referrer')
    assert.equal(shown.headers.get('cache-control'), 'no-store')
    assert.match(shown.headers.get('content-security-policy') ?? '', /default-src 'none'.*form-action 'self'/)
  })

  it('verifies the address once, for its account, and leaves the acceptance to the person', async () => {
    const bob = await createUnverifiedPerson()
    const { id, token } = await invite(bob.email.toUpperCase())
    const answers = await Promise.all(
      // As a browser submits the page's own form under `no-referrer`.
      Array.from({ length: 3 }, () =>
        post(page, { token, password: PASSWORD }, { origin: 'null', 'sec-fetch-site': 'same-origin' }),
      ),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 404, 404])
    const done = answers.find(({ status }) => status === 200)
    assert.ok(done)
    assert.match(textOf(done), /You can now accept the invitation to Acme &(?:amp;)? Sons in the dashboard/)
    assert.ok(done.html.includes(`href="${issuer}/dashboard"`))
    assert.equal(await isVerified(bob), true)
    assert.match(textOf(await get(`${page}?token=${token}`)), GONE)
    const [row] = await database.$client`SELECT status FROM organization_invitations WHERE id = ${id}`
    assert.equal(row?.['status'], 'pending')
    const verified = (await trailOf(provider, bob)).filter(({ action }) => action === 'user.verify_email')
    assert.deepEqual(verified, [
      { action: 'user.verify_email', statusCode: 200, actorId: bob.userId, targetId: bob.userId },
    ])
    assert.ok(!provider.log.text().includes(token))
  })
})

describe('the page of an invitation to an address without an account', () => {
  const signUp = `${page}/sign-up`
  const name = 'Grace Hopper'
  let count = 0
  const newAddress = () => {
    count += 1
    return `grace${count}@example.com`
  }
  const accountOf = async (email: string) =>
    (
      await database.$client`
        SELECT users.id AS "userId", organizations.id AS "organizationId", email, email_verified AS verified, users.name
        FROM users JOIN organizations ON created_by = users.id AND personal WHERE email = ${email}`
    )[0]

  it('rejects an unknown, expired or answered token, a form of another site, and a password that is refused', async () => {
    const email = newAddress()
    const [over, declined, good] = [await invite(newAddress(), -1), await invite(newAddress()), await invite(email)]
    await database.$client`UPDATE organization_invitations SET status = 'declined' WHERE id = ${declined.id}`
    for (const token of ['', 'x', '\0', randomBytes(32).toString('base64url'), over.token, declined.token]) {
      assert.equal((await post(signUp, { token, name, password: PASSWORD })).status, 404)
    }
    const evil = { origin: 'https://evil.example' }
    assert.equal((await post(signUp, { token: good.token, name, password: PASSWORD }, evil)).status, 403)
    for (const fields of [
      { name, password: '' },
      { name, password: 'password1234' },
      { name: '', password: PASSWORD },
      { name: 'a\u202eb', password: PASSWORD },
    ]) {
      const refused = await post(signUp, { token: good.token, ...fields })
      assert.equal(refused.status, 400)
      assert.match(refused.html, /aria-invalid="true"/)
      assert.equal(inputOf(refused, 'token'), good.token)
    }
    assert.equal(await accountOf(email), undefined)
  })

  it('creates one account with exactly that address, verified, which can sign in, and leaves the invitation to be accepted', async () => {
    const email = newAddress()
    const { id, token } = await invite(email)
    const shown = await get(`${page}?token=${token}`)
    assert.match(textOf(shown), /Create your account Ada .* invites you to Acme/)
    assert.match(shown.html, new RegExp(`readonly value="${email}"`))
    const fields = { token, name, password: PASSWORD, email: ada.email }
    const answers = await Promise.all([1, 2, 3].map(() => post(signUp, fields)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 404, 404])
    const done = answers.find(({ status }) => status === 200) ?? assert.fail()
    assert.match(textOf(done), /Your account was created Sign in as .* accept the invitation to Acme/)
    const account = (await accountOf(email)) ?? assert.fail()
    assert.deepEqual([account['verified'], account['name']], [true, name])
    const trail = await trailOf(provider, account as unknown as Person)
    assert.deepEqual(
      trail.map(({ action, actorId }) => [action, actorId]),
      [
        ['user.create', account['userId']],
        ['user.verify_email', account['userId']],
      ],
    )
    assert.match(textOf(await get(`${page}?token=${token}`)), GONE)
    const [row] = await database.$client`SELECT status FROM organization_invitations WHERE id = ${id}`
    assert.equal(row?.['status'], 'pending')
    assert.equal(await rowsIn(provider).canSignIn(visitor(issuer), account as unknown as Person, PASSWORD), true)
    assert.ok(!provider.log.text().includes(token))
  })

  it('creates nothing if the address has an account by then', async () => {
    const bob = await createUnverifiedPerson()
    const { token } = await invite(bob.email)
    assert.match(textOf(await get(`${page}?token=${token}`)), /Confirm your address/)
    assert.equal((await post(signUp, { token, name, password: PASSWORD })).status, 404)
    assert.equal(await isVerified(bob), false)
    assert.equal((await get(`${page}?token=${token}`)).status, 200, 'the token is not consumed')
  })
})
