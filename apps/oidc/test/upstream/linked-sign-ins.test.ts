import assert from 'node:assert/strict'
import { after, beforeEach, describe, it } from 'node:test'
import { ACCOUNT_PAGES } from '../../src/pages/account-pages.ts'
import { trailOf } from '../browser/harness.ts'
import { createOutbox } from '../browser/outbox.ts'
import { inputOf, send, textOf, type Visitor, visitor } from '../browser/visitor.ts'
import { acme, answerOf, mockUpstream, providerWithUpstream } from './mock-upstream.ts'

const PAGE = ACCOUNT_PAGES.signIns
const NEW_PASSWORD = 'another horse battery staple 8'
const outbox = await createOutbox({ after })
const mock = await mockUpstream({ after })
const { provider, begin } = await providerWithUpstream(
  { after },
  { ...acme(mock.issuer), OUTBOX_DIR: outbox.directory },
)
const { $client: sql } = provider.database
let people = 0

beforeEach(() => mock.reset())

/** Signs in with Acme, as a new person or another one, to the page of linked sign-ins. */
async function signIn(sub = `ada-${++people}`): Promise<{ visit: Visitor; email: string; sub: string }> {
  const email = `${sub}@acme.example`
  mock.claims = { sub, email, email_verified: true, name: 'Ada' }
  const visit = visitor(provider.issuer)
  const page = await visit.follow(await visit.get(PAGE))
  await visit.follow(await visit.get(await answerOf(await begin(visit, page))))
  return { visit, email, sub }
}

async function remove(visit: Visitor, issuer = mock.issuer) {
  const page = await visit.get(PAGE)
  return visit.post(PAGE, { csrf: inputOf(page, 'csrf'), issuer })
}

const linksOf = async (email: string) =>
  (await sql`SELECT issuer FROM user_identities JOIN users ON users.id = user_id WHERE users.email = ${email}`).length

describe('the page of linked sign-ins', () => {
  it('refuses to remove the only way in', async () => {
    const { visit, email } = await signIn()
    const page = await visit.get(PAGE)
    assert.match(textOf(page), new RegExp(`Acme ${email} Linked .* Your account has no password`))
    const answer = await remove(visit)
    assert.equal(answer.status, 409)
    assert.match(textOf(answer), /This is your only way to sign in\. Choose a password first/)
    assert.equal(await linksOf(email), 1)
  })

  it('does not count a provider that is not configured any more', async () => {
    const { visit, email } = await signIn()
    await sql`
      INSERT INTO user_identities (user_id, issuer, subject, email)
      SELECT id, 'https://gone.example', 'x', email FROM users WHERE email = ${email}`
    assert.match(textOf(await visit.get(PAGE)), /gone\.example Not offered any more/)
    assert.equal((await remove(visit)).status, 409)
    assert.equal((await remove(visit, 'https://gone.example')).status, 303)
    assert.equal(await linksOf(email), 1)
  })

  it('refuses a form that is not from our page', async () => {
    const { visit, email } = await signIn()
    assert.equal((await visit.post(PAGE, { issuer: mock.issuer })).status, 403)
    assert.equal(await linksOf(email), 1)
  })

  it('removes one after recovery has set a password, and records that', async () => {
    const { visit, email, sub } = await signIn()
    await visit.post('/oauth/recovery', { email })
    const token = (await outbox.next(email)).tokenOf('/oauth/recovery/password')
    const set = await visit.post('/oauth/recovery/password', { token, password: NEW_PASSWORD })
    assert.equal(set.status, 200)
    // Recovery ends every session.
    const again = await signIn(sub)
    const elsewhere = visitor(provider.issuer)
    const page = await elsewhere.follow(await elsewhere.get(PAGE))
    await elsewhere.follow(await send(elsewhere, page, 'sign-in', { email, password: NEW_PASSWORD }))
    assert.equal((await remove(again.visit)).location?.href, `${provider.issuer}${PAGE}?done=removed`)
    assert.equal(await linksOf(email), 0)
    // Its operator does not trust it for several factors: a session that a password began stays.
    assert.match(textOf(await elsewhere.get(PAGE)), /Linked sign-ins/)
    const [user] = await sql<{ userId: string; organizationId: string }[]>`
      SELECT users.id AS "userId", organizations.id AS "organizationId" FROM users
      JOIN organizations ON created_by = users.id AND personal WHERE email = ${email}`
    const trail = await trailOf(provider, user as Parameters<typeof trailOf>[1])
    assert.equal(trail.at(-1)?.['action'], 'user.unlink_identity')
    // From now on the identity is a stranger's, who has to prove the account.
    const stranger = await signIn(sub)
    assert.match(textOf(await stranger.visit.follow(await stranger.visit.get(PAGE))), /Sign in/)
  })
})
