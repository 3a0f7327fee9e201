import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import { waitFor } from '@daytona-auth/testing'
import { assertOneSucceeded, sendSimultaneously } from '../../../test/simultaneous.ts'
import { errorBody, FORBIDDEN, type Person, world } from '../../../test/world.ts'

const VIEWER = 'role_00000000000000000000000001'
const SUPER_ADMIN = 'role_00000000000000000000000007'
const DAY_MS = 24 * 60 * 60 * 1000

const outbox = await mkdtemp(join(tmpdir(), 'outbox-'))
after(() => rm(outbox, { recursive: true }))
const { request, person, database, anotherApi, log } = await world(
  { after },
  { OUTBOX_DIR: outbox, INVITATIONS_PER_HOUR: '1000' },
)
const there = await anotherApi()
const ada = await person('Ada')
const { value: owner } = await ada.token()
const organization = await ada.organization('Acme')
const { value: admin } = await ada.key(organization, ['admin:organization'])

interface Invitation {
  readonly id: string
  readonly email: string
  readonly status: string
  readonly expiresAt: string
  readonly createdAt: string
  readonly updatedAt: string
  readonly assignedRoles: readonly { readonly id: string }[]
  readonly delivery: { readonly status: string; readonly message: string }
}

const at = (where: string = organization) => `/organizations/${where}/invitations`
const ACCESS = { role: 'member', assignedRoleIds: [] }
const asMember = (email: string, assignedRoleIds: readonly string[] = []) => ({
  email,
  role: 'member',
  assignedRoleIds,
})
const NOT_FOUND = errorBody(404, 'Not Found', 'Invitation not found')
const conflict = (error: string) => errorBody(409, 'Conflict', error)

async function invite(email: string, roles: readonly string[] = [], credential = owner, where = organization) {
  const answer = await request('POST', at(where), credential, { body: asMember(email, roles) })
  assert.equal(answer.status, 201, answer.text)
  return answer.body as Invitation
}
async function guest(name = 'Bob') {
  const who = await person(name)
  return { ...who, token: (await who.token()).value }
}
const answer = (verb: 'accept' | 'decline', id: string, credential: string, api?: typeof there) =>
  request('POST', `/organizations/invitations/${id}/${verb}`, credential, api ? { api } : {})
const wireOf = ({ delivery: _, ...rest }: Invitation) => rest

describe('POST /organizations/{organizationId}/invitations', () => {
  it('refuses callers without admin:organization', async () => {
    const { token, join: joinAs } = await guest()
    await joinAs(organization, ['write:sandboxes', 'read:sandboxes'])
    const { value: key } = await ada.key(organization, ['write:sandboxes'])
    const body = asMember('x@example.test')
    for (const credential of [token, key]) {
      const refused = await request('POST', at(), credential, { body })
      assert.deepEqual([refused.status, refused.body], [403, FORBIDDEN])
    }
  })

  it('allows only an owner in person to invite, resend or cancel an owner', async () => {
    const deputy = await guest('Deputy')
    await deputy.join(organization, ['admin:organization'])
    const app = await ada.token({ scopes: ['admin:organization'], organizationIds: [organization] })
    const access = { role: 'owner', assignedRoleIds: [] }
    const body = { email: 'boss@example.test', ...access }
    const { id } = (await request('POST', at(), owner, { body })).body as Invitation
    const pending = await invite('plain@example.test')
    for (const credential of [deputy.token, admin, app.value]) {
      for (const [method, path, sent] of [
        ['POST', at(), { ...body, email: 'other@example.test' }],
        ['PUT', `${at()}/${id}`, access],
        ['PUT', `${at()}/${id}`, ACCESS],
        ['PUT', `${at()}/${pending.id}`, access],
        ['POST', `${at()}/${id}/cancel`, undefined],
      ] as const) {
        const refused = await request(method, path, credential, { body: sent })
        assert.deepEqual([refused.status, refused.body], [403, FORBIDDEN], `${method} ${path}`)
      }
    }
    assert.equal((await request('POST', `${at()}/${id}/cancel`, owner)).status, 204)
  })

  it('refuses invalid addresses, roles, role ids and past expiries', async () => {
    for (const email of [
      '',
      'bob',
      'a@b@c',
      'a b@c.test',
      'a@b.test, c@d.test',
      '<a@b.test>',
      'a@b.test\r\nBcc: c@d.test',
      7,
    ]) {
      const body = { ...asMember('x'), email }
      assert.equal((await request('POST', at(), owner, { body })).status, 400, String(email))
    }
    for (const change of [
      { role: 'admin' },
      { assignedRoleIds: ['role_unknown'] },
      { assignedRoleIds: undefined },
      { expiresAt: '2020-01-01T00:00:00Z' },
      { expiresAt: 'soon' },
    ]) {
      const body = { ...asMember('x@example.test'), ...change }
      assert.equal((await request('POST', at(), owner, { body })).status, 400, JSON.stringify(change))
    }
  })

  it('refuses a personal organization, a member, and an address invited already', async () => {
    const body = asMember('bob@example.test')
    const personal = await request('POST', at(ada.personalOrganizationId), owner, { body })
    const message = 'A personal organization cannot be shared: create another organization'
    assert.deepEqual([personal.status, personal.body], [409, conflict(message)])
    const member = await request('POST', at(), owner, { body: asMember(ada.email.toUpperCase()) })
    assert.deepEqual(member.body, conflict('A user with that address is a member already'))
    const sent = await sendSimultaneously(100, (index) =>
      request('POST', at(), owner, { body: asMember('Twice@Example.test'), ...(index % 2 && { api: there }) }),
    )
    assertOneSucceeded(sent, { success: 201, denial: 409 })
    const refused = sent.answers.find(({ status }) => status === 409)
    const [stored] = await database.$client`
      SELECT count(*)::int AS invitations FROM organization_invitations WHERE email = 'twice@example.test'`
    assert.deepEqual(stored, { invitations: 1 })
    const taken = 'That address is invited already: send that invitation again, or cancel it'
    assert.deepEqual(refused?.body, conflict(taken))
  })

  for (const [what, kept, isVerified, requested, expected] of [
    ['the request of the inviter for an address without an account', undefined, false, 'de-DE, en;q=0.5', 'de'],
    ['the request of the inviter for an account that has kept none', null, true, 'de', 'de'],
    ['the account, if the request has another one', 'de', true, 'en', 'de'],
    ['the account, if the request has none, as those of programs', 'de', true, undefined, 'de'],
    ['the account, if it is English', 'en', true, 'de', 'en'],
    ['the request for an account that has not verified the address', 'de', false, 'en', 'en'],
    ['the request for an account with a language of another release', 'xx', true, 'de', 'de'],
  ] as const) {
    it(`mails in the language of ${what}`, async () => {
      const email = `${newId('usr').toLowerCase()}@example.test`
      if (kept !== undefined) {
        const invited = await person('Lise')
        await database.$client`UPDATE users SET email = ${email}, language = ${kept}, email_verified = ${isVerified}
          WHERE id = ${invited.userId}`
      }
      const headers = requested === undefined ? {} : { 'accept-language': requested }
      const { delivery } = (await request('POST', at(), owner, { body: asMember(email), headers })).body as Invitation
      const file = (await readdir(outbox)).find((name) => delivery.message.includes(name))
      assert.match(await readFile(join(outbox, file ?? ''), 'utf8'), new RegExp(`<html lang=3D"${expected}">`))
    })
  }

  it('invites, returns the outcome of the mail, and stores the token only as a digest', async () => {
    const before = Date.now()
    const made = await invite(' Grace@Example.TEST ', [VIEWER], admin)
    const file = (await readdir(outbox)).find((name) => made.delivery.message.includes(name))
    assert.ok(file)
    const [viewer] = made.assignedRoles
    assert.deepEqual(made, {
      id: made.id,
      email: 'grace@example.test',
      invitedBy: ada.email,
      organizationId: organization,
      organizationName: 'Acme',
      expiresAt: made.expiresAt,
      status: 'pending',
      role: 'member',
      assignedRoles: [viewer],
      createdAt: made.createdAt,
      updatedAt: made.createdAt,
      delivery: {
        status: 'outbox',
        message: `No mail server is configured: the mail was written to the outbox directory as ${file}`,
      },
    })
    assert.equal(viewer?.id, VIEWER)
    assert.ok(Math.abs(Date.parse(made.expiresAt) - before - 7 * DAY_MS) < 60_000)

    const mail = (await readFile(join(outbox, file), 'utf8')).replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=')
    assert.match(mail, /^To: grace@example\.test\r?$/m)
    const [, token] = /https:\/\/api\.example\.test\/oauth\/invitation\?token=([\w-]{43})\r?$/m.exec(mail) ?? []
    assert.ok(token)
    const [stored] = await database.$client`
      SELECT encode(token_digest, 'hex') = encode(sha256(convert_to(${token}, 'UTF8')), 'hex') AS is_digest
      FROM organization_invitations WHERE id = ${made.id}`
    assert.deepEqual(stored, { is_digest: true })
    const [recorded] =
      await database.$client`SELECT to_json(e)::text AS event FROM audit_events e WHERE target_id = ${made.id}`
    for (const text of [JSON.stringify(made), recorded?.['event'], log.text()]) assert.ok(!text.includes(token))
    assert.deepEqual((await request('GET', at(), admin)).body, [
      wireOf(made),
      ...((await request('GET', at(), owner)).body as unknown[]).slice(1),
    ])
  })

  it('is refused to a user without a verified address, and to their keys, with a sentence', async () => {
    const eve = await person('Eve')
    const where = await eve.organization()
    const { value: token } = await eve.token()
    const { value: key } = await eve.key(where, ['admin:organization'])
    const { id } = await invite('before@example.test', [], token, where)
    await database.$client`UPDATE users SET email_verified = false WHERE id = ${eve.userId}`
    const verified = async () =>
      ((await request('GET', '/users/me', token)).body as { emailVerified: boolean }).emailVerified
    await waitFor(async () => !(await verified()))
    const mails = (await readdir(outbox)).length
    const refused = [
      await request('POST', at(where), token, { body: asMember('x@example.test') }),
      await request('POST', at(where), key, { body: asMember('x@example.test') }),
      await request('PUT', `${at(where)}/${id}`, token, { body: ACCESS }),
    ]
    const body = { ...FORBIDDEN, error: 'Confirm your own e-mail address before you invite others' }
    for (const { status, body: said } of refused) assert.deepEqual([status, said], [403, body])
    assert.equal((await readdir(outbox)).length, mails)
  })

  it('limits mails per day to one address, from any sender, and for one organization', async () => {
    const strict = await anotherApi({
      OUTBOX_DIR: outbox,
      INVITATIONS_PER_HOUR: '1000',
      INVITATIONS_TO_ADDRESS_PER_DAY: '2',
      INVITATIONS_OF_ORGANIZATION_PER_DAY: '4',
    })
    const attempt = async () => {
      const [eve, mallory] = [await guest('Eve'), await guest('Mallory')]
      const [evesOne, evesOther, mallorys] = [
        await eve.organization(),
        await eve.organization(),
        await mallory.organization(),
      ]
      const send = async (credential: string, where: string, email: string) =>
        (await request('POST', at(where), credential, { api: strict, body: asMember(email) })).status
      const victim = `victim-${eve.userId}@example.test`
      const toAddress = [
        await send(eve.token, evesOne, victim),
        await send(mallory.token, mallorys, victim.toUpperCase()),
        await send(eve.token, evesOther, victim),
        await send(eve.token, evesOther, `other-${victim}`),
      ]
      const ofOrganization = []
      for (let index = 0; index < 4; index++) {
        ofOrganization.push(await send(eve.token, evesOne, `${index}-${victim}`))
      }
      return { toAddress, ofOrganization }
    }
    const today = () => Math.floor(Date.now() / DAY_MS)
    const began = today()
    const first = await attempt()
    const { toAddress, ofOrganization } = today() === began ? first : await attempt()
    assert.deepEqual(toAddress, [201, 201, 429, 201])
    assert.deepEqual(ofOrganization, [201, 201, 201, 429])
  })

  it('is counted for one address in both spellings of its domain', async () => {
    const strict = await anotherApi({
      OUTBOX_DIR: outbox,
      INVITATIONS_PER_HOUR: '1000',
      INVITATIONS_TO_ADDRESS_PER_DAY: '2',
    })
    const attempt = async () => {
      const eve = await guest('Eve')
      const [where, elsewhere] = [await eve.organization(), await eve.organization()]
      const victim = `victim-${eve.userId}@m\u00fcnchen.example`
      const created = await request('POST', at(where), eve.token, { api: strict, body: asMember(victim) })
      const { id } = created.body as Invitation
      // As an earlier version stored it.
      await database.$client`UPDATE organization_invitations SET email = ${victim} WHERE id = ${id}`
      const renewed = await request('PUT', `${at(where)}/${id}`, eve.token, { api: strict, body: ACCESS })
      const ascii = victim.replace('m\u00fcnchen', 'xn--mnchen-3ya')
      const again = await request('POST', at(elsewhere), eve.token, { api: strict, body: asMember(ascii) })
      return [created.status, renewed.status, again.status]
    }
    const today = () => Math.floor(Date.now() / DAY_MS)
    const began = today()
    const first = await attempt()
    assert.deepEqual(today() === began ? first : await attempt(), [201, 200, 429])
  })

  it('quotes names in its mail so that no program turns them into a link', async () => {
    const eve = await person('Eve from https://evil.example” now')
    const where = await eve.organization('evil.example/sign-in')
    const { value: token } = await eve.token()
    const email = `shown-${eve.userId}@example.test`
    await invite(email, [], token, where)
    const files = await Promise.all((await readdir(outbox)).map((file) => readFile(join(outbox, file), 'utf8')))
    const mail = files.find((text) => text.includes(`To: ${email}`)) ?? ''
    const text = mail.replaceAll('=\r\n', '').replaceAll('=3D', '=')
    assert.ok(text.includes('evil[.]example'), text)
    assert.doesNotMatch(text, /evil\.example|https:\/\/evil/)
  })

  it('limits mails per hour by one user, to any address and with any of their credentials', async () => {
    const strict = await anotherApi({ OUTBOX_DIR: outbox, INVITATIONS_PER_HOUR: '3' })
    const began = Math.floor(Date.now() / 3_600_000)
    const attempt = async () => {
      const eve = await person('Eve')
      const [here, elsewhere] = [await eve.organization(), await eve.organization()]
      const { value: token } = await eve.token()
      const { value: key } = await eve.key(here, ['admin:organization'])
      const send = (credential: string, path: string, method: 'POST' | 'PUT' = 'POST') => {
        const body = method === 'POST' ? asMember('stranger@example.test') : ACCESS
        return request(method, path, credential, { api: strict, body })
      }
      const { body } = await send(token, at(here))
      const sent = [
        await send(token, at(elsewhere)),
        await send(key, `${at(here)}/${(body as Invitation).id}`, 'PUT'),
        await send(key, `${at(here)}/${(body as Invitation).id}`, 'PUT'),
        await send(token, at(elsewhere)),
      ]
      const other = await request('POST', at(), owner, { api: strict, body: asMember(`${eve.userId}@example.test`) })
      return { statuses: [...sent, other].map(({ status }) => status), refused: sent[3] }
    }
    const first = await attempt()
    // This limit counts by the hours of the clock.
    const { statuses, refused } = Math.floor(Date.now() / 3_600_000) === began ? first : await attempt()
    assert.deepEqual(statuses, [201, 200, 429, 429, 201])
    assert.deepEqual(refused?.body, errorBody(429, 'Too Many Requests', 'Rate limit exceeded'))
    assert.equal(refused?.headers.get('x-ratelimit-limit'), '3')
    assert.ok(Number(refused?.headers.get('retry-after')) >= 1)
  })

  it('is created even if the mail fails or no mailer is configured, and reports it', async () => {
    const failing = await world({ after }, { SMTP_URL: 'smtp://127.0.0.1:1' })
    const silent = await world({ after })
    for (const [here, status] of [
      [failing, 'failed'],
      [silent, 'none'],
    ] as const) {
      const eve = await here.person('Eve')
      const where = await eve.organization()
      const { value: token } = await eve.token()
      const body = asMember('bob@example.test')
      const made = await here.request('POST', at(where), token, { body })
      const { id, delivery } = made.body as Invitation
      assert.deepEqual([made.status, delivery.status], [201, status])
      const again = await here.request('PUT', `${at(where)}/${id}`, token, { body: ACCESS })
      assert.deepEqual([again.status, (again.body as Invitation).delivery.status], [200, status])
    }
  })
})

describe('an invitation', () => {
  it('is not found from another organization, for any operation', async () => {
    const carol = await guest('Carol')
    const foreign = await carol.organization()
    const theirs = await request('POST', at(foreign), carol.token, { body: asMember('x@example.test') })
    const { id } = theirs.body as Invitation
    for (const unknown of [id, 'inv_unknown']) {
      for (const [method, path, body] of [
        ['PUT', `${at()}/${unknown}`, ACCESS],
        ['POST', `${at()}/${unknown}/cancel`, undefined],
      ] as const) {
        const refused = await request(method, path, owner, { body })
        assert.deepEqual([refused.status, refused.body], [404, NOT_FOUND])
      }
      for (const verb of ['accept', 'decline'] as const) {
        const refused = await answer(verb, unknown, owner)
        assert.deepEqual([refused.status, refused.body], [404, NOT_FOUND])
      }
    }
    assert.equal(((await request('GET', at(foreign), carol.token)).body as unknown[]).length, 1)
  })

  it('is hidden from a user without a verified address, who cannot accept it and learns what to do', async () => {
    const bob = await guest()
    const { id } = await invite(bob.email)
    await database.$client`UPDATE users SET email_verified = false WHERE id = ${bob.userId}`
    const count = async () => (await request('GET', '/organizations/invitations/count', bob.token)).text
    await waitFor(async () => (await count()) === '0')
    assert.deepEqual((await request('GET', '/organizations/invitations', bob.token)).body, [])
    for (const verb of ['accept', 'decline'] as const) {
      const refused = await answer(verb, id, bob.token)
      const error =
        'Verify your e-mail address first: open the link of the invitation mail, or request a mail by POST /users/me/email-verification'
      assert.deepEqual([refused.status, refused.body], [403, { ...FORBIDDEN, error }])
    }
  })

  it('is listed to, counted for and accepted by the invited user, and grants its access at once', async () => {
    const bob = await guest()
    const made = await invite(bob.email.toUpperCase(), [VIEWER])
    const listed = await request('GET', '/organizations/invitations', bob.token)
    assert.deepEqual([listed.status, listed.body], [200, [wireOf(made)]])
    const count = await request('GET', '/organizations/invitations/count', bob.token)
    assert.deepEqual([count.status, count.body], [200, 1])
    const key = await bob.key(bob.personalOrganizationId, ['admin:organization'])
    assert.equal((await answer('accept', made.id, key.value)).status, 403)

    const accepted = await answer('accept', made.id, bob.token)
    const { updatedAt } = accepted.body as Invitation
    assert.deepEqual([accepted.status, accepted.body], [200, { ...wireOf(made), status: 'accepted', updatedAt }])
    assert.equal((await request('GET', '/sandbox', bob.token, { organization })).status, 200)
    assert.equal((await request('POST', '/sandbox', bob.token, { organization, body: {} })).status, 403)
    assert.deepEqual((await answer('accept', made.id, bob.token)).body, conflict('The invitation is accepted already'))
    assert.deepEqual((await request('GET', '/organizations/invitations', bob.token)).body, [])
    const events = await database.$client`
      SELECT action, actor_id, status_code FROM audit_events WHERE target_id = ${made.id} ORDER BY sequence`
    assert.deepEqual(
      [...events],
      [
        { action: 'invitation.create', actor_id: ada.userId, status_code: 201 },
        { action: 'invitation.accept', actor_id: bob.userId, status_code: 200 },
      ],
    )
  })

  it('creates one membership from concurrent acceptances', async () => {
    const bob = await guest()
    const { id } = await invite(bob.email)
    const sent = await sendSimultaneously(8, (index) => answer('accept', id, bob.token, index % 2 ? there : undefined))
    assertOneSucceeded(sent, { success: 200, denial: 409 })
    const [stored] = await database.$client`
      SELECT count(*)::int AS members FROM organization_members
      WHERE organization_id = ${organization} AND user_id = ${bob.userId}`
    assert.deepEqual(stored, { members: 1 })
  })

  it('can be declined and cancelled, and is then final', async () => {
    for (const [verb, status] of [
      ['decline', 'declined'],
      ['cancel', 'cancelled'],
    ] as const) {
      const bob = await guest()
      const { id } = await invite(bob.email)
      const ended =
        verb === 'cancel' ? await request('POST', `${at()}/${id}/cancel`, admin) : await answer(verb, id, bob.token)
      assert.deepEqual([ended.status, ended.text], [204, ''])
      const body = conflict(`The invitation is ${status} already`)
      assert.deepEqual((await answer('accept', id, bob.token)).body, body)
      assert.deepEqual((await answer('decline', id, bob.token)).body, body)
      assert.deepEqual((await request('PUT', `${at()}/${id}`, admin, { body: ACCESS })).body, body)
      assert.deepEqual((await request('POST', `${at()}/${id}/cancel`, admin)).body, body)
      // The address can be invited again.
      await invite(bob.email)
    }
  })

  it('expires, and is valid again after a resend', async () => {
    const bob = await guest()
    const { id } = await invite(bob.email)
    await database.$client`UPDATE organization_invitations SET expires_at = now() WHERE id = ${id}`
    assert.deepEqual((await request('GET', '/organizations/invitations', bob.token)).body, [])
    const over = await answer('accept', id, bob.token)
    assert.deepEqual([over.status, over.body], [409, conflict('The invitation has expired: ask for a new one')])
    const [before] = await database.$client`SELECT token_digest FROM organization_invitations WHERE id = ${id}`
    const expiresAt = new Date(Date.now() + DAY_MS).toISOString()
    const body = { role: 'member', assignedRoleIds: [VIEWER], expiresAt }
    const again = await request('PUT', `${at()}/${id}`, admin, { body })
    const sent = again.body as Invitation
    assert.deepEqual(
      [again.status, sent.expiresAt, sent.assignedRoles.length, sent.delivery.status],
      [200, expiresAt, 1, 'outbox'],
    )
    const [after1] = await database.$client`SELECT token_digest FROM organization_invitations WHERE id = ${id}`
    assert.notDeepEqual(before, after1)
    assert.equal((await answer('accept', id, bob.token)).status, 200)
  })

  const leave: [string, (inviter: Pick<Person, 'userId'>) => Promise<unknown>][] = [
    ['was removed', ({ userId }) => request('DELETE', `/organizations/${organization}/users/${userId}`, owner)],
    [
      'holds less',
      ({ userId }) =>
        request('POST', `/organizations/${organization}/users/${userId}/access`, owner, {
          body: { role: 'member', assignedRoleIds: [VIEWER] },
        }),
    ],
  ]
  for (const [what, end] of leave) {
    it(`of a sender who ${what} since is invalid, until another sender resends it`, async () => {
      const deputy = await guest('Deputy')
      await deputy.join(organization as OrganizationId, ['admin:organization'])
      await waitFor(async () => (await request('GET', at(), deputy.token)).status === 200)
      const bob = await guest()
      const { id } = await invite(bob.email, [SUPER_ADMIN], deputy.token)
      await end(deputy)
      const refused = await answer('accept', id, bob.token)
      assert.deepEqual(
        [refused.status, refused.body],
        [409, conflict('The invitation is no longer valid: ask for a new one')],
      )
      assert.equal((await request('PUT', `${at()}/${id}`, owner, { body: ACCESS })).status, 200)
      assert.equal((await answer('accept', id, bob.token)).status, 200)
    })
  }
})
