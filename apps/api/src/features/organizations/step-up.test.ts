import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { OrganizationId } from '@daytona-auth/db/core'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import { FORBIDDEN, type Person, world } from '../../../test/world.ts'

const { request, person, database } = await world({ after })
const sql = database.$client

const STRONGER = 'This needs a sign-in with a second factor'
const RECENT = 'This needs a recent sign-in: sign in again'
const resource = 'resource_metadata="https://api.example.test/.well-known/oauth-protected-resource"'
const challengeOf = (acr: boolean) =>
  `Bearer error="insufficient_user_authentication", ${acr ? 'acr_values="urn:daytona:acr:mfa", ' : ''}max_age="900", ${resource}, error_description="${acr ? STRONGER : RECENT}"`

const seconds = () => Math.floor(Date.now() / 1000)
const LATE = { auth_time: seconds() - 3600 }
const STRONG = { acr: ACR.multiFactor }

/** An owner with a second owner beside, a member, and tokens of several sign-ins. */
async function scene({ hasFactor }: { readonly hasFactor: boolean }) {
  const [owner, second, member] = [await person('Ada'), await person('Bob'), await person('Eve')]
  const organization = await owner.organization()
  await second.join(organization, 'owner')
  await member.join(organization, ['read:volumes'])
  if (hasFactor) await sql`INSERT INTO totp_factors (user_id, secret, last_step) VALUES (${owner.userId}, 'sealed', 0)`
  const token = async (claims: Readonly<Record<string, unknown>> = {}) =>
    (await owner.token(undefined, undefined, claims)).value
  return { owner, second, member, organization, token }
}
type Scene = Awaited<ReturnType<typeof scene>>

/** What a stolen token must not be enough for. Each returns the request. */
const GUARDED: Record<string, (scene: Scene) => [string, string, object?]> = {
  'deletes the organization': ({ organization }) => ['DELETE', `/organizations/${organization}`],
  'makes a member an owner': ({ organization, member }) => [
    'POST',
    `/organizations/${organization}/users/${member.userId}/access`,
    { role: 'owner', assignedRoleIds: [] },
  ],
  'demotes an owner': ({ organization, second }) => [
    'POST',
    `/organizations/${organization}/users/${second.userId}/access`,
    { role: 'member', assignedRoleIds: [] },
  ],
  'removes an owner': ({ organization, second }) => ['DELETE', `/organizations/${organization}/users/${second.userId}`],
  'leaves as an owner': ({ organization }) => ['POST', `/organizations/${organization}/leave`, {}],
  'invites an owner': ({ organization }) => [
    'POST',
    `/organizations/${organization}/invitations`,
    { email: 'new@example.test', role: 'owner', assignedRoleIds: [] },
  ],
  'creates a key with every permission': () => [
    'POST',
    '/api-keys',
    { name: 'admin', permissions: ['admin:organization'] },
  ],
}

const events = async (organization: OrganizationId) =>
  Number((await sql`SELECT count(*)::int FROM audit_events WHERE organization_id = ${organization}`)[0]?.['count'])

describe('a change that a stolen token must not be enough for', () => {
  for (const [what, requestOf] of Object.entries(GUARDED)) {
    it(`${what} only after a recent sign-in, with the second factor of the account`, async () => {
      for (const hasFactor of [false, true]) {
        const here = await scene({ hasFactor })
        const [method, path, body] = requestOf(here)
        const ask = async (claims: Readonly<Record<string, unknown>>) =>
          request(method, path, await here.token(claims), {
            organization: here.organization,
            ...(body && { body }),
          })
        const before = await events(here.organization)
        const weak = hasFactor ? [{}, { acr: ACR.trustedBrowser }, { ...STRONG, ...LATE }] : []
        for (const claims of [LATE, { auth_time: undefined }, ...weak]) {
          const answer = await ask(claims)
          assert.deepEqual(
            [answer.status, answer.headers.get('x-error-code'), answer.headers.get('www-authenticate')],
            [401, 'insufficient_user_authentication', challengeOf(hasFactor)],
            JSON.stringify(claims),
          )
        }
        assert.equal(await events(here.organization), before, 'nothing was done')
        const { status } = await ask(hasFactor ? STRONG : {})
        assert.ok(status >= 200 && status < 300, String(status))
      }
    })
  }

  it('is anything with a passkey, too: it is a second factor', async () => {
    const { owner, organization, token } = await scene({ hasFactor: false })
    await sql`INSERT INTO passkeys (id, user_id, public_key, counter, is_synchronized)
      VALUES (${`credential of ${owner.userId}`}, ${owner.userId}, 'key', 0, false)`
    const answer = await request('DELETE', `/organizations/${organization}`, await token())
    assert.equal(answer.headers.get('www-authenticate'), challengeOf(true))
  })

  it('is not a change of a member, nor a key with less', async () => {
    const { member, organization, token } = await scene({ hasFactor: true })
    const late = await token({ ...LATE })
    const path = `/organizations/${organization}/users/${member.userId}/access`
    const body = { role: 'member', assignedRoleIds: [] }
    assert.equal((await request('POST', path, late, { organization, body })).status, 200)
    const key = { name: 'less', permissions: ['read:volumes'] }
    assert.equal((await request('POST', '/api-keys', late, { organization, body: key })).status, 201)
  })

  it('is a new secret for a key with every permission, and adding that permission', async () => {
    const { owner, organization, token } = await scene({ hasFactor: false })
    const late = await token(LATE)
    const full = await owner.key(organization, ['admin:organization'])
    const small = await owner.key(organization, ['read:volumes'])
    const rotate = (name: string, credential: string) =>
      request('POST', `/api-keys/${name}/rotate`, credential, { organization, body: {} })
    const widen = (credential: string) =>
      request('PATCH', `/api-keys/${small.name}`, credential, {
        organization,
        body: { permissions: ['admin:organization'] },
      })
    for (const answer of [await rotate(full.name, late), await widen(late)]) {
      assert.equal(answer.headers.get('www-authenticate'), challengeOf(false))
    }
    assert.equal((await rotate(small.name, late)).status, 201)
    assert.equal((await rotate(full.name, await token())).status, 201)
    assert.equal((await widen(await token())).status, 200)
  })

  it('does not concern API keys', async () => {
    const { owner, organization } = await scene({ hasFactor: true })
    const { value } = await owner.key(organization, ['admin:organization'])
    const body = { name: 'child', permissions: ['admin:organization'] }
    assert.equal((await request('POST', '/api-keys', value, { body })).status, 201)
  })
})

describe('the requirement of a second factor', () => {
  const set = (here: Scene, credential: string, requireSecondFactor: unknown) =>
    request('PATCH', `/organizations/${here.organization}`, credential, { body: { requireSecondFactor } })
  const isRequired = async (organization: OrganizationId) =>
    (await sql`SELECT require_second_factor FROM organizations WHERE id = ${organization}`)[0]?.[
      'require_second_factor'
    ]

  it('is set by an owner in person only, who just gave one', async () => {
    const here = await scene({ hasFactor: false })
    await here.member.join(here.organization, ['admin:organization'])
    const { value: key } = await here.owner.key(here.organization, ['admin:organization'])
    const { value: administrator } = await here.member.token(undefined, undefined, STRONG)
    for (const credential of [key, administrator]) {
      const answer = await set(here, credential, true)
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    }
    for (const claims of [{}, { acr: ACR.trustedBrowser }, { ...STRONG, ...LATE }]) {
      const answer = await set(here, await here.token(claims), true)
      assert.deepEqual([answer.status, answer.headers.get('www-authenticate')], [401, challengeOf(true)])
    }
    assert.equal((await set(here, await here.token(STRONG), 'yes')).status, 400)
    assert.equal(await isRequired(here.organization), false)
  })

  it('is recorded, and effective before the answer', async () => {
    const here = await scene({ hasFactor: true })
    const [weak, strong] = [await here.token(), await here.token(STRONG)]
    const get = (credential: string) => request('GET', `/organizations/${here.organization}`, credential)
    assert.equal((await get(weak)).status, 200)
    const answer = await set(here, strong, true)
    assert.deepEqual(
      [answer.status, (answer.body as { requireSecondFactor: boolean }).requireSecondFactor],
      [200, true],
    )
    assert.equal((await get(weak)).status, 401)
    assert.equal((await set(here, weak, false)).status, 401)
    // The list still names it, so that its members can sign in for it.
    const listed = (await request('GET', '/organizations', weak)).body as { id: string; requireSecondFactor: boolean }[]
    assert.equal(listed.find(({ id }) => id === here.organization)?.requireSecondFactor, true)
    assert.equal((await set(here, strong, false)).status, 200)
    assert.equal((await get(weak)).status, 200)
    const recorded = await sql`SELECT metadata FROM audit_events
      WHERE organization_id = ${here.organization} AND action = 'organization.update' ORDER BY sequence`
    assert.deepEqual(
      recorded.map(({ metadata }) => metadata),
      [
        { name: 'Shared', requireSecondFactor: true },
        { name: 'Shared', requireSecondFactor: false },
      ],
    )
  })

  it('covers the keys that a person makes for, or that act in, several organizations', async () => {
    const here = await scene({ hasFactor: true })
    const home = await here.owner.organization('Home')
    const weak = await here.token()
    const both: Pick<Person, 'key'> = here.owner
    const { name } = await both.key(home, ['read:volumes'], { organizationIds: [here.organization] })
    await set(here, await here.token(STRONG), true)
    const body = { name: 'wide', permissions: ['read:volumes'], organizationIds: [here.organization] }
    for (const [method, path, given] of [
      ['POST', '/api-keys', body],
      ['POST', `/api-keys/${name}/rotate`, {}],
      ['PATCH', `/api-keys/${name}`, { description: 'Changed' }],
    ] as const) {
      const answer = await request(method, path, weak, { organization: home, body: given })
      assert.deepEqual(
        [answer.status, answer.headers.get('x-error-code')],
        [401, 'insufficient_user_authentication'],
        path,
      )
      const strong = await request(method, path, await here.token(STRONG), { organization: home, body: given })
      assert.ok(strong.status < 300, `${path}: ${strong.text}`)
    }
  })
})
