import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import { waitFor } from '@daytona-auth/testing'
import { errorBody, FORBIDDEN, world } from '../../../test/world.ts'

const outbox = await mkdtemp(join(tmpdir(), 'outbox-'))
after(() => rm(outbox, { recursive: true }))
const { request, person, database } = await world({ after }, { OUTBOX_DIR: outbox, REQUESTS_PER_MINUTE: '100000' })
const sql = database.$client

/** Before the end of the grant. */
const soon = () => new Date(Date.now() + 600_000).toISOString()

const SCOPES = ['openid', 'admin:organization']

async function insertApp({ owner = null as OrganizationId | null, isFirstParty = false } = {}) {
  const id: string = newId('app')
  await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes, organization_id, first_party)
    VALUES (${id}, 'Build board', 'web', '{https://board.example/cb}', ${SCOPES}, ${owner}, ${isFirstParty})`
  return id
}

/** An organization with an owner and a member who uses an app there, and with a key of the app. */
async function scene() {
  const [owner, member] = [await person('Ada'), await person('Grace')]
  const organization = await owner.organization()
  await member.join(organization, ['admin:organization'])
  const clientId = await insertApp()
  const organizationIds = [organization, member.personalOrganizationId]
  const app = (await member.token({ clientId, scopes: SCOPES, organizationIds })).value
  const { value: token } = await owner.token()
  const at = `/organizations/${organization}`
  const made = await request('POST', '/api-keys', app, {
    organization,
    body: { name: newId('key'), permissions: ['read:sandboxes'], organizationIds, expiresAt: soon() },
  })
  assert.equal(made.status, 201, made.text)
  const { value: key } = made.body as { value: string }
  return {
    owner,
    member,
    organization,
    clientId,
    app,
    key,
    token,
    at,
    decide: (decision: string, credential = token, id = clientId) =>
      request('PUT', `${at}/app-decisions/${id}`, credential, { body: { decision } }),
    undecide: (credential = token) => request('DELETE', `${at}/app-decisions/${clientId}`, credential),
    setPolicy: (appAccess: string, credential = token) => request('PATCH', at, credential, { body: { appAccess } }),
    ask: () => sql`INSERT INTO app_requests (organization_id, user_id, client_id, expires_at)
      VALUES (${organization}, ${member.userId}, ${clientId}, now() + interval '1 day')`,
    decline: (credential = token) => request('DELETE', `${at}/app-requests/${clientId}`, credential),
  }
}
type Scene = Awaited<ReturnType<typeof scene>>

const eventsOf = async (organization: OrganizationId) =>
  (
    await sql<{ action: string; target_id: string; metadata: unknown }[]>`
      SELECT action, target_id, metadata FROM audit_events
      WHERE organization_id = ${organization} AND (action LIKE 'oauth_app.%' OR action = 'organization.update')
      ORDER BY sequence`
  ).map(({ action, target_id: target, metadata }) => [action, target, metadata])

const codeOf = ({ status, headers }: { status: number; headers: Headers }) => [status, headers.get('x-error-code')]

const NOT_ALLOWED = errorBody(403, 'Forbidden', 'The organization does not allow this app')

/** Compares what the app and its key may do in the organization, and that they keep the member's own one. */
async function assertAccess({ organization, member, app, key, at }: Scene, isAllowed: boolean): Promise<void> {
  for (const credential of [app, key]) {
    const answers = [
      await request('GET', '/sandbox', credential, { organization }),
      await request('GET', at, credential),
    ]
    for (const { status, body, headers } of answers) {
      assert.equal(status, isAllowed ? 200 : 403)
      if (!isAllowed) assert.deepEqual([body, headers.get('x-error-code')], [NOT_ALLOWED, 'app_not_allowed'])
    }
    const own = await request('GET', '/sandbox', credential, { organization: member.personalOrganizationId })
    assert.equal(own.status, 200)
    const { body } = await request('GET', '/organizations', credential)
    const ids = (body as { id: string }[]).map(({ id }) => id)
    assert.deepEqual(new Set(ids), new Set([...(isAllowed ? [organization] : []), member.personalOrganizationId]))
  }
  const created = await request('POST', '/api-keys', app, {
    organization: member.personalOrganizationId,
    body: { name: newId('key'), permissions: ['read:sandboxes'], organizationIds: [organization], expiresAt: soon() },
  })
  assert.equal(created.status, isAllowed ? 201 : 403, created.text)
}

describe('decisions about apps', () => {
  it('are made by a person with admin:organization only', async () => {
    const here = await scene()
    const key = await here.owner.key(here.organization, ['admin:organization'])
    const member = await person('Bob')
    await member.join(here.organization, ['read:sandboxes'])
    const bob = (await member.token()).value
    for (const credential of [key.value, here.app, here.key, bob]) {
      for (const answer of [
        await here.decide('approved', credential),
        await here.undecide(credential),
        await here.decline(credential),
      ]) {
        assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
      }
    }
    for (const list of ['app-decisions', 'app-requests', 'app-access-preview?appAccess=any']) {
      assert.equal((await request('GET', `${here.at}/${list}`, bob)).status, 403)
      assert.equal((await request('GET', `${here.at}/${list}`, key.value)).status, 200)
    }
    const administrator = await person('Eve')
    await administrator.join(here.organization, ['admin:organization'])
    const { value } = await administrator.token()
    assert.equal((await here.decide('blocked', value)).status, 200)
    assert.equal((await here.undecide(value)).status, 204)
  })

  it('are not made about unknown apps, own ones, and those of the operator', async () => {
    const here = await scene()
    const own = await insertApp({ owner: here.organization })
    for (const id of ['app_unknown', own, await insertApp({ isFirstParty: true }), 'daytona-dashboard']) {
      assert.deepEqual(codeOf(await here.decide('blocked', here.token, id)), [404, 'oauth_app_not_found'], id)
    }
    assert.deepEqual(codeOf(await here.undecide()), [404, 'app_decision_not_found'])
    assert.deepEqual(codeOf(await here.decline()), [404, 'app_request_not_found'])
    assert.equal((await here.decide('allowed')).status, 400)
    assert.deepEqual(await eventsOf(here.organization), [])
  })

  it('count at once for tokens, keys made with them and new keys, under each policy', async () => {
    const here = await scene()
    await assertAccess(here, true)
    for (const [change, isAllowed] of [
      [() => here.decide('blocked'), false],
      [() => here.decide('approved'), true],
      [() => here.setPolicy('by_approval'), true],
      [() => here.undecide(), false],
      [() => here.setPolicy('verified_domains'), false],
      [() => here.decide('approved'), true],
      [() => here.decide('blocked'), false],
      [() => here.setPolicy('any'), false],
      [() => here.undecide(), true],
    ] as const) {
      const { status, text } = await change()
      assert.ok([200, 204].includes(status), text)
      await assertAccess(here, isAllowed)
    }
  })

  it('answer a block in the middle of a write with 403, and write nothing', async () => {
    const here = await scene()
    const body = { name: newId('sbx') }
    const held = Promise.withResolvers<void>()
    const locked = Promise.withResolvers<void>()
    // The write has been authorized and waits for the row of its user.
    const lock = sql.begin(async (tx) => {
      await tx`SELECT FROM users WHERE id = ${here.member.userId} FOR UPDATE`
      locked.resolve()
      await held.promise
    })
    await locked.promise
    const write = request('POST', '/sandbox', here.app, { organization: here.organization, body })
    await waitFor(
      async () =>
        (await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
          .length > 0,
    )
    await sql`INSERT INTO app_decisions (organization_id, client_id, decision)
      VALUES (${here.organization}, ${here.clientId}, 'blocked')`
    held.resolve()
    await lock
    assert.deepEqual(codeOf(await write), [403, 'app_not_allowed'])
    assert.equal((await sql`SELECT FROM sandboxes WHERE organization_id = ${here.organization}`).length, 0)
  })

  it('are listed, replaced, deleted and recorded', async () => {
    const here = await scene()
    await here.decide('blocked')
    const { status, body } = await here.decide('approved')
    assert.equal(status, 200)
    const { createdAt, updatedAt, ...rest } = body as { createdAt: string; updatedAt: string }
    assert.ok(createdAt < updatedAt)
    const decision = {
      clientId: here.clientId,
      name: 'Build board',
      homepageUri: null,
      decision: 'approved',
      decidedBy: here.owner.userId,
    }
    assert.deepEqual(rest, decision)
    const listed = await request('GET', `${here.at}/app-decisions`, here.token)
    assert.deepEqual(listed.body, [{ ...decision, createdAt, updatedAt }])
    await here.undecide()
    assert.deepEqual((await request('GET', `${here.at}/app-decisions`, here.token)).body, [])
    assert.deepEqual(await eventsOf(here.organization), [
      ['oauth_app.block', here.clientId, { name: 'Build board' }],
      ['oauth_app.approve', here.clientId, { name: 'Build board', before: 'blocked' }],
      ['oauth_app.delete_decision', here.clientId, { before: 'approved' }],
    ])
  })

  it('are limited for each organization', async () => {
    const here = await scene()
    await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes)
      SELECT ${here.clientId} || n, 'App', 'web', '{}', '{openid}' FROM generate_series(1, 500) n`
    await sql`INSERT INTO app_decisions (organization_id, client_id, decision)
      SELECT ${here.organization}, ${here.clientId} || n, 'approved' FROM generate_series(1, 500) n`
    assert.deepEqual(codeOf(await here.decide('blocked')), [409, 'limit_reached'])
    assert.equal((await here.decide('blocked', here.token, `${here.clientId}1`)).status, 200)
  })
})

describe('the app access policy', () => {
  it('is set by an owner in person who signed in a short time ago', async () => {
    const here = await scene()
    const administrator = await person('Eve')
    await administrator.join(here.organization, ['admin:organization'])
    const key = await here.owner.key(here.organization, ['admin:organization'])
    for (const credential of [key.value, (await administrator.token()).value]) {
      const answer = await here.setPolicy('by_approval', credential)
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    }
    const late = await here.owner.token(undefined, undefined, { auth_time: Math.floor(Date.now() / 1000) - 3600 })
    assert.deepEqual(codeOf(await here.setPolicy('by_approval', late.value)), [401, 'insufficient_user_authentication'])
    assert.equal((await here.setPolicy('none')).status, 400)
    // Naming the current policy changes nothing and needs no more than a new name does.
    assert.equal((await here.setPolicy('any', key.value)).status, 200)
    const { status, body } = await here.setPolicy('by_approval')
    assert.deepEqual([status, (body as { appAccess: string }).appAccess], [200, 'by_approval'])
    const last = (await eventsOf(here.organization)).at(-1)
    const { name } = body as { name: string }
    assert.deepEqual(last?.[2], { name, appAccess: 'by_approval', appAccessBefore: 'any' })
  })

  it('is previewed with the apps and members that it would end', async () => {
    const here = await scene()
    const preview = async (appAccess: string) =>
      (await request('GET', `${here.at}/app-access-preview?appAccess=${appAccess}`, here.token)).body
    const app = { clientId: here.clientId, name: 'Build board', homepageUri: null, members: 1 }
    assert.deepEqual(await preview('by_approval'), { appCount: 1, memberCount: 1, apps: [app] })
    await here.decide('approved')
    assert.deepEqual(await preview('by_approval'), { appCount: 0, memberCount: 0, apps: [] })
  })
})

describe('requests of members', () => {
  const mailTo = async (address: string) => {
    for (const name of await readdir(outbox)) {
      if (!name.endsWith('.eml') || name.startsWith('.')) continue
      const mail = (await readFile(join(outbox, name), 'utf8')).replaceAll(/=\r?\n/g, '')
      if (mail.includes(`To: ${address}`)) return mail
    }
    return undefined
  }

  it('are listed, and answered by a decision, with a mail to those who asked', async () => {
    const here = await scene()
    await here.ask()
    await sql`UPDATE users SET language = 'de' WHERE id = ${here.member.userId}`
    const { body } = await request('GET', `${here.at}/app-requests`, here.token)
    const [{ requestedAt, ...asked }] = body as [{ requestedAt: string }]
    assert.ok(Date.now() - Date.parse(requestedAt) < 60_000)
    const { userId, name, email } = here.member
    assert.deepEqual(asked, {
      clientId: here.clientId,
      name: 'Build board',
      homepageUri: null,
      members: 1,
      requesters: [{ userId, name, email }],
    })
    assert.equal((await here.decide('approved')).status, 200)
    assert.deepEqual((await request('GET', `${here.at}/app-requests`, here.token)).body, [])
    await waitFor(async () => (await mailTo(email)) !== undefined)
    assert.match(
      (await mailTo(email)) ?? '',
      /App =E2=80=9CBuild board=E2=80=9D zugelassen, wie Sie es angefragt haben/,
    )
    assert.deepEqual((await eventsOf(here.organization)).at(-1), [
      'oauth_app.approve',
      here.clientId,
      { name: 'Build board', requests: 1 },
    ])
  })

  it('are declined without a decision, with a mail to those who asked', async () => {
    const here = await scene()
    await here.ask()
    assert.equal((await here.decline()).status, 204)
    assert.equal((await here.decline()).status, 404)
    assert.deepEqual((await request('GET', `${here.at}/app-decisions`, here.token)).body, [])
    await waitFor(async () => (await mailTo(here.member.email)) !== undefined)
    assert.match((await mailTo(here.member.email)) ?? '', /did not approve the app/)
    assert.deepEqual(await eventsOf(here.organization), [
      ['oauth_app.decline_requests', here.clientId, { requests: 1 }],
    ])
  })
})
