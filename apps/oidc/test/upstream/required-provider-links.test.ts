import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { type AuditedTx, inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { newId } from '@daytona-auth/db/core'
import { insertInvitation } from '@daytona-auth/db/organizations'
import { createMailedToken } from '@daytona-auth/db/users'
import { addAuthenticatorApp } from '../authenticator-app.ts'
import { textOf, visitor } from '../browser/visitor.ts'
import type { Person } from '../fixture.ts'
import { type Company, companies } from './companies.ts'

const { provider, sql, company, employee, moveInto } = await companies({ after })
const change = <T>(make: (tx: AuditedTx) => Promise<T>) => inAudit(provider.database, systemAuthority('test'), [], make)
const NEW_PASSWORD = 'another horse battery staple 8'
const REQUIRED = /Your organization requires that you sign in with Company \d+\./
const ONCE = /This password does not sign you in\. You need it once/

const newToken = () => {
  const token = randomBytes(32).toString('base64url')
  return { token, tokenDigest: hash('sha256', token, 'buffer'), expiresAt: new Date(Date.now() + 60_000) }
}

/** Opens the recovery link of a person. */
async function openRecovery({ userId, email }: Person, language = 'en') {
  const { token, ...mail } = newToken()
  await change((tx) => createMailedToken(tx, userId, 'recovery', { email, ...mail }))
  const visit = visitor(provider.issuer, { 'accept-language': language })
  return visit.follow(await visit.get(`/oauth/recovery/password?token=${token}`))
}

/** Invites an address that has no account. */
async function invite({ domain, owner }: Company, language = 'en') {
  const { token, ...invitation } = newToken()
  const email = `new-${newId('inv')}@${domain}`
  const content = { email, role: 'member' as const, roleIds: [], invitedBy: owner.userId, ...invitation }
  await change((tx) => insertInvitation(tx, owner.organizationId, newId('inv'), content))
  const visit = visitor(provider.issuer, { 'accept-language': language })
  const page = await visit.get(`/oauth/invitation?token=${token}`)
  const send = () => visit.post('/oauth/invitation/sign-up', { token, name: 'New', password: NEW_PASSWORD })
  return { email, page, send }
}

const hasAccount = async (email: string) => (await sql`SELECT FROM users WHERE email = ${email}`).length > 0

describe('an invitation to an address whose organization requires its identity provider', () => {
  it('asks for no password, and creates no account with one', async () => {
    const there = await company({ signIn: 'required' })
    const { email, page, send } = await invite(there)
    assert.match(textOf(page), REQUIRED)
    assert.match(textOf(page), /that creates your account, and you can accept the invitation/)
    assert.ok(!page.html.includes('type="password"'))
    assert.match(page.html, /href="[^"]*\/dashboard/)
    const answer = await send()
    assert.equal(answer.status, 403)
    assert.match(textOf(answer), REQUIRED)
    assert.equal(await hasAccount(email), false)
    assert.match(textOf((await invite(there, 'de')).page), /Dabei wird Ihr Konto erstellt/)
  })

  it('asks for one while the provider is not required', async () => {
    const { email, page, send } = await invite(await company())
    assert.doesNotMatch(textOf(page), REQUIRED)
    assert.equal((await send()).status, 200)
    assert.equal(await hasAccount(email), true)
  })
})

describe('a new password for an address whose organization requires its identity provider', () => {
  it('is explained: it does not sign in, and proves the account once', async () => {
    const there = await company({ signIn: 'required' })
    const [ada, eve, kim] = [await employee(there), await employee(there), await employee(there)]
    const page = await openRecovery(ada)
    assert.match(textOf(page), REQUIRED)
    assert.match(textOf(page), ONCE)
    assert.match(textOf(await openRecovery(eve, 'de')), /Dieses Passwort meldet Sie nicht an/)
    // Also on the page that takes over an account of an unverified address.
    await sql`UPDATE users SET email_verified = false WHERE id = ${kim.userId}`
    const takeOver = await openRecovery(kim)
    assert.match(textOf(takeOver), /Take over the account/)
    assert.match(textOf(takeOver), ONCE)
  })

  it('is not where it signs in: without the rule, of another domain, and for an owner with a second factor', async () => {
    const there = await company({ signIn: 'required' })
    const owner = await moveInto(there.domain, there.owner)
    assert.match(textOf(await openRecovery(await moveInto(there.domain, await provider.person()))), ONCE)
    await addAuthenticatorApp(provider, owner)
    for (const person of [owner, await provider.person(), await employee(await company())]) {
      assert.doesNotMatch(textOf(await openRecovery(person)), ONCE)
    }
  })
})
