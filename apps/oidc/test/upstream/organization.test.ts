import assert from 'node:assert/strict'
import { after, beforeEach, describe, it } from 'node:test'
import { upstreamClientSecrets } from '@daytona-auth/accounts/upstream-client-secrets'
import { newId } from '@daytona-auth/db/core'
import { peopleOf } from '@daytona-auth/testing'
import { ACCOUNT_PAGES } from '../../src/pages/account-pages.ts'
import { createOpenidUpstream } from '../../src/upstream/openid.ts'
import { createOrganizationUpstreams } from '../../src/upstream/organization-upstreams.ts'
import { addAuthenticatorApp } from '../authenticator-app.ts'
import { inputOf, send, textOf, type Visitor } from '../browser/visitor.ts'
import { PASSWORD } from '../fixture.ts'
import { type Company, companies } from './companies.ts'
import { answerOf } from './mock-upstream.ts'

const { provider, mock, sql, open, company, employee, enter, signIn } = await companies({ after })

beforeEach(() => mock.reset())

/** Lets a company add its people with one role, and give the group Engineering another. */
async function provisioned({ organizationId }: Company): Promise<{ one: string; two: string }> {
  const people = peopleOf(provider.database)
  const [one, two] = [await people.role(organizationId, ['read:volumes']), await people.role(organizationId)]
  const mapping = JSON.stringify([{ group: 'Engineering', roleIds: [two] }])
  await sql`UPDATE identity_providers SET new_member_role_ids = ARRAY[${one}], groups_claim = 'groups',
    group_roles = ${mapping}::text::jsonb WHERE organization_id = ${organizationId}`
  return { one, two }
}

/** The roles of a member; undefined for another person. */
async function rolesOf({ organizationId }: Company, userId: string): Promise<readonly string[] | undefined> {
  const [member] = await sql<{ roles: string[] }[]>`
    SELECT ARRAY(SELECT role_id FROM member_roles r WHERE r.user_id = m.user_id AND r.organization_id = m.organization_id
      ORDER BY role_id) AS roles
    FROM organization_members m WHERE user_id = ${userId} AND organization_id = ${organizationId}`
  return member?.roles
}

const REQUEST = {
  redirectUri: 'https://a.example',
  state: 's',
  nonce: 'n',
  codeVerifier: 'v',
  loginHint: '',
  maxAge: 1,
}

const isSignedIn = ({ cookies }: Visitor) => cookies.some(({ name }) => name.endsWith('_session'))
const linkedTo = async ({ organizationId }: Company) =>
  (
    await sql<{ user: string }[]>`
    SELECT user_id AS user FROM organization_identities WHERE organization_id = ${organizationId}`
  ).map(({ user }) => user)

describe('the sign-in with an organization', () => {
  it('leads nowhere for an address whose domain no organization has verified', async () => {
    const claimed = await company({ isVerified: false })
    for (const email of ['', 'ada', `ada@${claimed.domain}`, `ada@sub.${claimed.domain}`, 'ada@example.com']) {
      const { answer } = await enter(email)
      assert.equal(answer.status, 400, email)
      assert.match(textOf(answer), /No organization has a sign-in of its own for this email address/)
    }
  })

  it('needs our form', async () => {
    const { domain } = await company()
    const { visit, page } = await open()
    const [start = ''] = /^\/oauth\/interaction\/[^/]+/.exec(page.url.pathname) ?? []
    const answer = await visit.post(`${start}/organization`, { email: `ada@${domain}` })
    assert.equal(answer.status, 403)
  })

  it('leads to its provider with the address, and creates an account for a new person', async () => {
    const acme = await company()
    const email = `ada@${acme.domain}`
    const { visit, authorization, end } = await signIn(email.toUpperCase(), { email })
    assert.equal(authorization.origin, new URL(mock.issuer).origin)
    assert.equal(authorization.searchParams.get('login_hint'), email)
    assert.equal(
      authorization.searchParams.get('redirect_uri'),
      `${provider.issuer}/oauth/upstream/${acme.organizationId}/callback`,
    )
    assert.match(textOf(end), /Example App/)
    assert.ok(isSignedIn(visit))
    const [user] = await sql<{ id: string; verified: boolean; passwords: number }[]>`
      SELECT id, email_verified AS verified,
        (SELECT count(*)::int FROM user_credentials WHERE user_id = users.id) AS passwords FROM users WHERE email = ${email}`
    assert.deepEqual([user?.verified, user?.passwords], [true, 0])
    assert.deepEqual(await linkedTo(acme), [user?.id])
    // The next sign-in opens the same account: the address that the provider states then does not count.
    const again = await signIn(email, { sub: `subject of ${email.toUpperCase()}`, email: 'other@elsewhere.example' })
    assert.ok(isSignedIn(again.visit))
    assert.deepEqual(await linkedTo(acme), [user?.id])
  })

  it('opens and creates no account outside its domains', async () => {
    const [acme, other] = [await company(), await company()]
    const outsider = await provider.person()
    const colleague = await employee(other)
    for (const email of [outsider.email, colleague.email, 'new@elsewhere.example', `new@sub.${acme.domain}`]) {
      const { visit, end } = await signIn(`ada@${acme.domain}`, { sub: email, email })
      assert.equal(end.status, 400)
      assert.match(textOf(end), /its organization has not verified the domain/)
      assert.ok(!isSignedIn(visit))
    }
    assert.deepEqual(await linkedTo(acme), [])
  })

  it('needs an address that its provider has verified', async () => {
    const acme = await company()
    for (const email_verified of [false, undefined, 'true']) {
      const { visit, end } = await signIn(`ada@${acme.domain}`, { email_verified })
      assert.match(textOf(end), /has not verified your email address/)
      assert.ok(!isSignedIn(visit))
    }
  })

  it('opens an existing account of its domain only after that was proven', async () => {
    const acme = await company()
    const [ada, eve] = [await employee(acme), await employee(acme)]
    const { visit, end } = await signIn(ada.email)
    assert.match(textOf(end), /^.*Connect Company \d+ There is already an account with/s)
    assert.ok(!isSignedIn(visit))
    assert.equal((await send(visit, end, 'sign-in', { email: ada.email, password: 'wrong' })).status, 400)
    assert.deepEqual(await linkedTo(acme), [])
    // Another account of the domain is not the proof.
    await visit.follow(await send(visit, end, 'sign-in', { email: eve.email, password: PASSWORD }))
    assert.deepEqual(await linkedTo(acme), [])

    const second = await signIn(ada.email)
    await second.visit.follow(await send(second.visit, second.end, 'sign-in', { email: ada.email, password: PASSWORD }))
    assert.deepEqual(await linkedTo(acme), [ada.userId])
    assert.ok(isSignedIn((await signIn(ada.email)).visit))
  })

  it('ends when the domain or the account is no longer its own', async () => {
    const acme = await company()
    const email = `ada@${acme.domain}`
    await signIn(email)
    const [userId = ''] = await linkedTo(acme)
    await sql`UPDATE users SET email = 'ada@private.example' WHERE id = ${userId}`
    const moved = await signIn(email)
    assert.match(textOf(moved.end), /its organization has not verified the domain/)
    assert.ok(!isSignedIn(moved.visit))
    await sql`UPDATE users SET email = ${email} WHERE id = ${userId}`
    assert.ok(isSignedIn((await signIn(email)).visit))

    // Another organization verifies the domain: with the same provider, it has to prove the account, too.
    const other = await company()
    await sql`DELETE FROM organization_domains WHERE organization_id = ${acme.organizationId}`
    await sql`UPDATE organization_domains SET domain = ${acme.domain} WHERE organization_id = ${other.organizationId}`
    const taken = await signIn(email)
    assert.match(textOf(taken.end), /There is already an account with/)
    assert.ok(!isSignedIn(taken.visit))
    assert.deepEqual(await linkedTo(other), [])
  })

  it('ends when its provider was removed while the person signed in there', async () => {
    const acme = await company()
    const email = `ada@${acme.domain}`
    mock.claims = { sub: email, email, email_verified: true }
    const { visit, answer } = await enter(email)
    const callback = await answerOf(answer.location as URL)
    await sql`DELETE FROM identity_providers WHERE organization_id = ${acme.organizationId}`
    const end = await visit.follow(await visit.get(callback))
    assert.equal(end.status, 404)
    assert.ok(!isSignedIn(visit))
  })

  it('does not count several factors that its provider states', async () => {
    const acme = await company()
    const email = `ada@${acme.domain}`
    await signIn(email, { amr: ['pwd', 'mfa'], acr: 'urn:daytona:acr:mfa' })
    const [userId = ''] = await linkedTo(acme)
    const sessions = await sql`SELECT payload -> 'acr' AS acr, payload -> 'amr' AS amr FROM oidc_artifacts
      WHERE model = 'Session' AND account_id = ${userId}`
    assert.deepEqual([...sessions], [{ acr: null, amr: null }])
  })

  it('asks for the second factor of the account', async () => {
    const acme = await company()
    const email = `ada@${acme.domain}`
    await signIn(email)
    const [userId = ''] = await linkedTo(acme)
    await sql`INSERT INTO totp_factors (user_id, secret, last_step) VALUES (${userId}, 'sealed', 0)`
    const { visit, end } = await signIn(email)
    assert.match(textOf(end), /code/i)
    assert.ok(!isSignedIn(visit))
  })

  it('is listed in the account, and removed there with what it signed in', async () => {
    const [acme, other] = [await company(), await company()]
    const [ada, bob] = [await signIn(`ada@${acme.domain}`), await signIn(`bob@${other.domain}`)]
    const [[adaId = ''], bobs] = [await linkedTo(acme), await linkedTo(other)]
    await sql`UPDATE organization_identities SET last_used_at = now() WHERE user_id = ${adaId}`
    const page = ACCOUNT_PAGES.signIns
    const csrf = inputOf(await ada.visit.get(page), 'csrf')
    const remove = (organization: string, fields: object = { csrf }) =>
      ada.visit.post(page, { organization, ...fields })
    const { host } = new URL(mock.issuer)
    const [{ name } = { name: '' }] = await sql<{ name: string }[]>`
      SELECT name FROM organizations WHERE id = ${acme.organizationId}`
    const text = textOf(await ada.visit.get(page))
    assert.ok(text.includes(`${name} ${host} Linked on`) && text.includes('last used on'), text)
    assert.equal((await remove(acme.organizationId)).status, 409, 'the only way in')
    await sql`INSERT INTO user_credentials (id, user_id, kind, secret) VALUES (${newId('cred')}, ${adaId}, 'password', 'a hash')`
    assert.equal((await remove(acme.organizationId, {})).status, 403)
    for (const foreign of [other.organizationId, `${acme.organizationId}x`, '']) await remove(foreign)
    assert.deepEqual([await linkedTo(acme), await linkedTo(other)], [[adaId], bobs])

    assert.equal((await remove(acme.organizationId)).location?.href, `${provider.issuer}${page}?done=removed`)
    assert.deepEqual([await linkedTo(acme), await linkedTo(other)], [[], bobs])
    assert.equal((await ada.visit.get(page)).status, 303, 'its session has ended')
    assert.equal((await bob.visit.get(page)).status, 200)
    const [event] =
      await sql`SELECT metadata FROM audit_events WHERE action = 'user.unlink_identity' AND target_id = ${adaId}`
    const ended = { endedSessions: 1, endedGrants: 0, endedKeys: 0 }
    assert.deepEqual(event?.['metadata'], { issuer: mock.issuer, ...ended })
  })

  it('makes people members, and gives the roles of the groups that the provider states then', async () => {
    const acme = await company()
    const { one, two } = await provisioned(acme)
    const email = `ada@${acme.domain}`
    await signIn(email, { groups: ['Engineering'] })
    const [userId = ''] = await linkedTo(acme)
    assert.deepEqual(await rolesOf(acme, userId), [one, two])
    for (const groups of [['Sales'], undefined]) {
      await signIn(email, { groups })
      assert.deepEqual(await rolesOf(acme, userId), [one])
      // Some providers state groups at the userinfo endpoint only.
      mock.userinfo = { groups: 'Engineering' }
      await signIn(email)
      mock.userinfo = {}
      assert.deepEqual(await rolesOf(acme, userId), [one, two])
    }
    await sql`UPDATE users SET email = ${`${userId}@private.example`} WHERE id = ${userId}`
    await sql`DELETE FROM organization_members WHERE user_id = ${userId} AND organization_id = ${acme.organizationId}`
    await signIn(email)
    assert.equal(await rolesOf(acme, userId), undefined, 'the provider has no authority over the address')
    const events = await sql<{ action: string }[]>`SELECT action FROM audit_events
      WHERE organization_id = ${acme.organizationId} AND target_id = ${userId} ORDER BY sequence`
    assert.deepEqual(events.map(({ action }) => action).slice(0, 3), [
      'member.join',
      'member.update_access',
      'member.update_access',
    ])
  })

  it('makes no member beyond the quota, and says so on the page of linked sign-ins', async () => {
    const acme = await company()
    await provisioned(acme)
    const email = `ada@${acme.domain}`
    const setQuota = (maximum: number) => sql`
      INSERT INTO organization_quotas (organization_id, resource, maximum) VALUES (${acme.organizationId}, 'members', ${maximum})
      ON CONFLICT (organization_id, resource) DO UPDATE SET maximum = ${maximum}`
    const shown = async () => {
      const { visit } = await signIn(email)
      return textOf(await visit.follow(await visit.get('/oauth/account/sign-ins')))
    }
    await setQuota(1)
    assert.match(await shown(), /You are not a member of this organization: its quota of members may be reached/)
    const [userId = ''] = await linkedTo(acme)
    assert.equal(await rolesOf(acme, userId), undefined)
    await setQuota(2)
    assert.doesNotMatch(await shown(), /You are not a member/)
    await sql`DELETE FROM organization_members WHERE user_id = ${userId} AND organization_id = ${acme.organizationId}`
    await setQuota(1)
    assert.match(await shown(), /You are not a member/)
    await sql`UPDATE identity_providers SET new_member_role_ids = NULL WHERE organization_id = ${acme.organizationId}`
    assert.doesNotMatch(await shown(), /You are not a member/)
  })

  it('keeps the groups until an account is proven, and until its second factor is entered', async () => {
    const acme = await company()
    const { one, two } = await provisioned(acme)
    const ada = await employee(acme)
    const { visit, end } = await signIn(ada.email, { groups: ['Engineering'] })
    assert.equal(await rolesOf(acme, ada.userId), undefined)
    await visit.follow(await send(visit, end, 'sign-in', { email: ada.email, password: PASSWORD }))
    assert.deepEqual(await rolesOf(acme, ada.userId), [one, two])

    const { recoveryCodes } = await addAuthenticatorApp(provider, ada)
    const second = await signIn(ada.email, { groups: ['Sales'] })
    assert.deepEqual(await rolesOf(acme, ada.userId), [one, two])
    const ticket = inputOf(second.end, 'ticket')
    const fields = { ticket, method: 'recovery-code', code: recoveryCodes[0] ?? '' }
    await second.visit.follow(await send(second.visit, second.end, 'second-factor', fields))
    assert.ok(isSignedIn(second.visit))
    assert.deepEqual(await rolesOf(acme, ada.userId), [one])
  })

  it('is unavailable without the secret that decrypts its client secret, and a password is not', async () => {
    const acme = await company()
    const ada = await employee(acme)
    const sealed = await upstreamClientSecrets(['a secret of another deployment']).seal('secret', acme.organizationId)
    await sql`UPDATE identity_providers SET sealed_client_secret = ${sealed} WHERE organization_id = ${acme.organizationId}`
    const { visit, answer } = await enter(ada.email)
    assert.equal(answer.status, 503)
    assert.match(textOf(answer), /Company \d+ does not answer at the moment/)
    await visit.follow(await send(visit, answer, 'sign-in', { email: ada.email, password: PASSWORD }))
    assert.ok(isSignedIn(visit))

    const { database } = provider
    const dependencies = { allowedNetworks: [], timeoutMs: 2000, now: Date.now }
    const upstreams = createOrganizationUpstreams({ database, clientSecrets: undefined, dependencies })
    const upstream = await upstreams.ofDomain(acme.domain)
    await assert.rejects(async () => upstream?.authorizationUrl(REQUEST), {
      failure: 'unavailable',
      message: 'RESOURCE_SECRETS_KEY is not set',
    })
  })

  it('is reached at public addresses only, also on loopback', async () => {
    const config = {
      name: 'org',
      kind: 'openid',
      label: 'Org',
      issuer: mock.issuer,
      clientId: 'a',
      clientSecret: 'b',
    } as const
    const dependencies = { allowedNetworks: [], timeoutMs: 2000, now: Date.now }
    const upstream = createOpenidUpstream(
      { ...config, scopes: ['openid'], trustsMfa: false, signsOut: false },
      dependencies,
      {
        organizationId: newId('org'),
        groupsClaim: null,
      },
    )
    await assert.rejects(upstream.authorizationUrl(REQUEST), { failure: 'unavailable' })
  })
})
