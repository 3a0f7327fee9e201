import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newId } from '@daytona-auth/db/core'
import { world } from './world.ts'

const { request, person, database, anotherApi } = await world(
  { after },
  {
    ORGANIZATIONS_PER_USER: '4',
    ORGANIZATIONS_PER_API_KEY: '2',
    API_KEYS_PER_OWNER: '3',
    ROLES_PER_ORGANIZATION: '3',
    SECRETS_UNDER_GRACE_PER_API_KEY: '2',
  },
)
const there = await anotherApi({
  ORGANIZATIONS_PER_USER: '4',
  API_KEYS_PER_OWNER: '3',
  ROLES_PER_ORGANIZATION: '3',
  SECRETS_UNDER_GRACE_PER_API_KEY: '2',
})
const ATTEMPTS = 12

type Answers = readonly { readonly status: number; readonly body: unknown }[]

/** Sends the requests concurrently to two APIs. */
const race = (method: string, path: string, token: string, body: (at: number) => unknown, organization?: string) =>
  Promise.all(
    Array.from({ length: ATTEMPTS }, (_, at) =>
      request(method, path, token, {
        body: body(at),
        ...(organization !== undefined && { organization }),
        ...(at % 2 && { api: there }),
      }),
    ),
  )

function assertLimit(answers: Answers, created: number, limit: string): void {
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [
    ...Array(created).fill(201),
    ...Array(ATTEMPTS - created).fill(409),
  ])
  for (const { status, body } of answers) {
    if (status !== 201) assert.ok((body as { error: string }).error.startsWith(`The limit of ${limit} is reached: `))
  }
}

describe('limits on creation, with requests in parallel', () => {
  it('refuse the organization that exceeds those of a user', async () => {
    const ada = await person()
    const { value: token } = await ada.token()
    const answers = await race('POST', '/organizations', token, (at) => ({ name: `organization ${at}` }))
    assertLimit(answers, 3, '4 organizations per user') // the personal one counts
    const [stored] = await database.$client`
      SELECT count(*)::int AS total FROM organization_members WHERE user_id = ${ada.userId}`
    assert.deepEqual(stored, { total: 4 })
  })

  it('refuse an invitation that exceeds the organizations of a user', async () => {
    const [ada, bob] = [await person(), await person()]
    const organization = await ada.organization()
    for (let more = 0; more < 3; more++) await bob.organization()
    await database.$client`UPDATE users SET email_verified = true WHERE id IN (${bob.userId}, ${ada.userId})`
    const { value: token } = await ada.token()
    const invited = await request('POST', `/organizations/${organization}/invitations`, token, {
      body: { email: bob.email, role: 'member', assignedRoleIds: [] },
    })
    assert.equal(invited.status, 201, invited.text)
    const { id } = invited.body as { id: string }
    const answer = await request('POST', `/organizations/invitations/${id}/accept`, (await bob.token()).value)
    assert.equal(answer.status, 409)
    assert.match(answer.text, /The limit of 4 organizations per user is reached/)
    const [kept] = await database.$client`SELECT status FROM organization_invitations WHERE id = ${id}`
    assert.deepEqual(kept, { status: 'pending' })
  })

  it('refuse a key for more organizations than one may act in, and create nothing', async () => {
    const ada = await person()
    const organizationIds = [await ada.organization(), await ada.organization(), await ada.organization()]
    const { value: token } = await ada.token()
    const answer = await request('POST', '/api-keys', token, {
      organization: organizationIds[0] as string,
      body: { name: 'wide', permissions: ['read:sandboxes'], organizationIds },
    })
    assert.equal(answer.status, 409)
    assert.match(answer.text, /The limit of 2 organizations per API key is reached/)
    const [stored] = await database.$client`SELECT count(*)::int AS total FROM api_keys WHERE user_id = ${ada.userId}`
    assert.deepEqual(stored, { total: 0 })
  })

  it('refuse the active key that exceeds those of an owner, and allow one again after a deletion', async () => {
    const ada = await person()
    const organization = await ada.organization()
    const { value: token } = await ada.token()
    const body = (at: number) => ({ name: `key ${at}`, permissions: ['read:sandboxes'] })
    const answers = await race('POST', '/api-keys', token, body, organization)
    assertLimit(answers, 3, '3 active API keys per owner and organization')
    const created = answers.findIndex(({ status }) => status === 201)
    const path = `/api-keys/${encodeURIComponent(`key ${created}`)}`
    assert.equal((await request('DELETE', path, token, { organization })).status, 204)
    assert.equal((await request('POST', '/api-keys', token, { organization, body: body(99) })).status, 201)
  })

  it('refuse the role that exceeds those of an organization', async () => {
    const ada = await person()
    const organization = await ada.organization()
    const { value: token } = await ada.token()
    const body = (at: number) => ({ name: `role ${at}`, description: '', permissions: ['read:sandboxes'] })
    assertLimit(await race('POST', `/organizations/${organization}/roles`, token, body), 3, '3 roles per organization')
  })

  it('refuse the rotation that exceeds the secrets under grace, and allow one without grace', async () => {
    const ada = await person()
    const organization = await ada.organization()
    const { name } = await ada.key(organization, ['read:sandboxes'], { name: newId('key') })
    const { value: token } = await ada.token()
    const path = `/api-keys/${name}/rotate`
    const answers = await race('POST', path, token, () => ({ gracePeriodSeconds: 3600 }), organization)
    assertLimit(answers, 2, '2 secrets under grace per API key')
    assert.equal((await request('POST', path, token, { organization, body: { gracePeriodSeconds: 0 } })).status, 201)
  })
})
