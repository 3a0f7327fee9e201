import assert from 'node:assert/strict'
import { after, beforeEach, describe, it } from 'node:test'
import { addAuthenticatorApp } from '../authenticator-app.ts'
import { type Answer, inputOf, send, textOf, type Visitor } from '../browser/visitor.ts'
import { PASSWORD, type Person } from '../fixture.ts'
import { acme, answerOf, mockUpstream, providerWithUpstream } from './mock-upstream.ts'

const mock = await mockUpstream({ after })
const { provider, open, begin } = await providerWithUpstream({ after }, acme(mock.issuer))
const { $client: sql } = provider.database

beforeEach(() => mock.reset())

async function attempt(): Promise<{ visit: Visitor; answer: Answer }> {
  const { visit, page } = await open()
  return { visit, answer: await visit.follow(await visit.get(await answerOf(await begin(visit, page)))) }
}

/** Creates an account with an authenticator app and a linked identity. */
async function linked(): Promise<{ ada: Person; app: Awaited<ReturnType<typeof addAuthenticatorApp>> }> {
  const ada = await provider.person()
  await sql`
    INSERT INTO user_identities (user_id, issuer, subject, email)
    VALUES (${ada.userId}, ${mock.issuer}, ${ada.userId}, ${ada.email})`
  // An upstream provider that states several factors is one factor nevertheless.
  mock.claims = { sub: ada.userId, amr: ['mfa', 'otp'], acr: 'urn:daytona:acr:mfa' }
  return { ada, app: await addAuthenticatorApp(provider, ada) }
}

const enter = (visit: Visitor, page: Answer, code: string, ticket = inputOf(page, 'ticket')) =>
  send(visit, page, 'second-factor', { ticket, code, method: 'totp' })

const sessionsOf = async ({ userId }: Person) =>
  (await sql`SELECT FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${userId}`).length

describe('an account with a second factor', () => {
  it('is asked for it after the upstream provider, regardless of what that states', async () => {
    const { ada, app } = await linked()
    const { visit, answer } = await attempt()
    assert.match(textOf(answer), /Enter the code that your authenticator app shows/)
    assert.equal(await sessionsOf(ada), 0)
    const wrong = await enter(visit, answer, '000000')
    assert.ok(wrong.status === 400 || app.codeAt(Date.now()) === '000000')
    assert.equal(await sessionsOf(ada), 0)
    const end = await visit.follow(await enter(visit, answer, app.codeAt(Date.now())))
    assert.match(textOf(end), /Example App/)
    const [session] = await sql`
      SELECT payload -> 'acr' AS acr, payload -> 'amr' AS amr FROM oidc_artifacts
      WHERE model = 'Session' AND account_id = ${ada.userId}`
    assert.deepEqual(session, { acr: 'urn:daytona:acr:mfa', amr: ['otp', 'mfa'] })
  })

  it('is not signed in to with a ticket of another interaction or account, or once the identity was unlinked', async () => {
    const { ada, app } = await linked()
    const { answer } = await attempt()
    const ticket = inputOf(answer, 'ticket')
    const other = await attempt()
    assert.equal((await enter(other.visit, other.answer, app.codeAt(Date.now()), ticket)).status, 400)
    const [content = '', signature] = ticket.split('.')
    const forged = {
      ...JSON.parse(Buffer.from(content, 'base64url').toString()),
      userId: (await provider.person()).userId,
    }
    const text = `${Buffer.from(JSON.stringify(forged)).toString('base64url')}.${signature}`
    assert.equal((await enter(other.visit, other.answer, app.codeAt(Date.now()), text)).status, 400)
    await sql`DELETE FROM user_identities WHERE user_id = ${ada.userId}`
    const late = await enter(other.visit, other.answer, app.codeAt(Date.now()))
    assert.equal(late.status, 400)
    assert.match(textOf(late), /Sign in again/)
    assert.equal(await sessionsOf(ada), 0)
  })

  it('is linked only after its second factor, not after its password', async () => {
    const ada = await provider.person()
    const app = await addAuthenticatorApp(provider, ada)
    mock.claims = { sub: `new-${ada.userId}`, email: ada.email, email_verified: true }
    const { visit, answer } = await attempt()
    const linksOf = () => sql`SELECT FROM user_identities WHERE user_id = ${ada.userId}`
    const page = await send(visit, answer, 'sign-in', { email: ada.email, password: PASSWORD })
    assert.match(textOf(page), /Enter the code/)
    assert.equal((await linksOf()).length, 0)
    await visit.follow(await enter(visit, page, app.codeAt(Date.now())))
    assert.equal((await linksOf()).length, 1)
  })
})

it('states neither acr nor amr for a sign-in with an upstream provider alone', async () => {
  mock.claims = {
    sub: 'ada',
    email: 'ada@acme.example',
    email_verified: true,
    amr: ['mfa'],
    acr: 'urn:daytona:acr:mfa',
  }
  const { visit } = await attempt()
  const [session] = await sql`
    SELECT payload ? 'acr' AS acr, payload ? 'amr' AS amr FROM oidc_artifacts JOIN users ON users.id = account_id
    WHERE model = 'Session' AND email = 'ada@acme.example'`
  assert.deepEqual(session, { acr: false, amr: false })
  assert.ok(visit.cookies.length > 0)
})
