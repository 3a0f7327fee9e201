import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type AuditedTx, auditEntry, inAudit, OPERATOR_COMMAND } from '@daytona-auth/db/audit'
import type { OrganizationId } from '@daytona-auth/db/core'
import { listQuotas, lockForQuota, removeQuota, setQuota } from '@daytona-auth/db/organizations'
import { countedResource, QUOTA_RESOURCES, type QuotaResource } from '@daytona-auth/protocol/quotas'
import { errorBody, type Person, world } from './world.ts'

const { request, person, database, api, anotherApi } = await world({ after }, { INVITATIONS_PER_HOUR: '1000' })
const there = await anotherApi({ INVITATIONS_PER_HOUR: '1000' })
const ATTEMPTS = 8
/** What may be added to what exists. */
const ALLOWED = 2

interface Scene {
  readonly owner: Person
  readonly token: string
  readonly organization: OrganizationId
}

interface Creation {
  readonly path: string
  readonly body?: unknown
  /** The credential, if it is not the owner's. */
  readonly credential?: string
}

/** Prepares the creation of one more of each resource. Every kind of quota has one, or this does not compile. */
const CREATIONS: Record<QuotaResource, (scene: Scene, at: number) => Creation | Promise<Creation>> = {
  api_keys: (_scene, at) => ({ path: '/api-keys', body: { name: `key ${at}`, permissions: ['read:sandboxes'] } }),
  async members({ token, organization }, at) {
    const invited = await person(`Member ${at}`)
    const body = { email: invited.email, role: 'owner', assignedRoleIds: [] }
    const invitation = await request('POST', `/organizations/${organization}/invitations`, token, { body })
    const { id } = invitation.body as { id: string }
    return { path: `/organizations/invitations/${id}/accept`, credential: (await invited.token()).value }
  },
  roles: ({ organization }, at) => ({
    path: `/organizations/${organization}/roles`,
    body: { name: `role ${at}`, description: '', permissions: ['read:sandboxes'] },
  }),
  invitations: ({ organization }, at) => ({
    path: `/organizations/${organization}/invitations`,
    body: { email: `invited${at}@example.com`, role: 'owner', assignedRoleIds: [] },
  }),
  oauth_apps: (_scene, at) => ({
    path: '/oauth-apps',
    body: { name: `app ${at}`, type: 'native', redirectUris: ['http://127.0.0.1/cb'], scopes: ['openid'] },
  }),
  resource_servers: ({ organization }, at) => ({
    path: '/resource-servers',
    body: {
      identifier: `https://${at}.${organization.toLowerCase().replaceAll('_', '-')}.example.com`,
      name: `API ${at}`,
      scopes: [{ name: 'things:read', description: 'Read things' }],
    },
  }),
  sandboxes: (_scene, at) => ({ path: '/sandbox', body: { name: `sandbox-${at}` } }),
  snapshots: (_scene, at) => ({ path: '/snapshots', body: { name: `snapshot-${at}`, imageName: 'python:3.11' } }),
  volumes: (_scene, at) => ({ path: '/volumes', body: { name: `volume-${at}` } }),
  registries: (_scene, at) => ({
    path: '/docker-registry',
    body: { name: `registry ${at}`, url: 'https://registry.example.com', username: 'ada', password: 'a password' },
  }),
}

async function createScene(): Promise<Scene> {
  const owner = await person()
  return { owner, token: (await owner.token()).value, organization: await owner.organization() }
}

/** Changes quotas as the operator's command does. */
const changeQuota = (organizationId: OrganizationId, change: (tx: AuditedTx) => Promise<unknown>) =>
  inAudit(
    database,
    OPERATOR_COMMAND,
    auditEntry('organization.remove_quota', {
      organizationId,
      targetId: organizationId,
      actorId: null,
      actorEmail: null,
      source: 'test',
      metadata: { resource: 'test', before: null },
    }),
    async (tx) => {
      assert.ok(await lockForQuota(tx, organizationId))
      await change(tx)
    },
  )

async function usedOf({ organization }: Scene, resource: QuotaResource): Promise<number | undefined> {
  const quotas = await listQuotas(database, organization)
  return quotas.find((quota) => quota.resource === resource)?.used
}

function create({ token, organization }: Scene, { path, body, credential = token }: Creation, at: number) {
  return request('POST', path, credential, {
    ...(!path.startsWith('/organizations/') && { organization }),
    ...(body !== undefined && { body }),
    api: at % 2 ? there : api,
  })
}

describe('a quota of an organization', () => {
  for (const resource of Object.keys(QUOTA_RESOURCES) as QuotaResource[]) {
    it(`of ${resource} is exact for creations at the same time, and limits no other organization`, async () => {
      const [scene, other] = [await createScene(), await createScene()]
      await changeQuota(scene.organization, (tx) => setQuota(tx, scene.organization, resource, 0))
      const before = (await usedOf(scene, resource)) ?? Number.NaN
      const maximum = before + ALLOWED
      const creations = await Promise.all(Array.from({ length: ATTEMPTS }, (_, at) => CREATIONS[resource](scene, at)))

      const denied = await create(scene, creations[0] as Creation, 0)
      assert.equal(denied.status, 409, denied.text)
      await changeQuota(scene.organization, (tx) => setQuota(tx, scene.organization, resource, maximum))

      const answers = await Promise.all(creations.map((creation, at) => create(scene, creation, at)))
      const refused = answers.filter(({ status }) => status === 409)
      assert.equal(refused.length, ATTEMPTS - ALLOWED, JSON.stringify(answers.map(({ text }) => text)))
      for (const { body, headers } of refused) {
        assert.equal(headers.get('x-error-code'), 'quota_reached')
        const sentence = `The organization may have at most ${countedResource(resource, maximum)}: remove one, or ask the operator of this service for more`
        assert.deepEqual(body, errorBody(409, 'Conflict', sentence))
      }
      assert.ok(answers.every(({ status }) => status < 300 || status === 409))
      assert.equal(await usedOf(scene, resource), maximum)

      const elsewhere = await create(other, await CREATIONS[resource](other, 0), 0)
      assert.ok(elsewhere.status < 300, elsewhere.text)
      await changeQuota(scene.organization, (tx) => removeQuota(tx, scene.organization, resource))
      const again = await create(scene, creations[answers.indexOf(refused[0] as (typeof answers)[0])] as Creation, 0)
      assert.ok(again.status < 300, again.text)
    })
  }

  it('is not exceeded by creations during which it is set', async () => {
    const scene = await createScene()
    const creations = Array.from({ length: ATTEMPTS }, (_, at) => CREATIONS.roles(scene, at) as Creation)
    const creating = creations.map((creation, at) => create(scene, creation, at))
    await changeQuota(scene.organization, (tx) => setQuota(tx, scene.organization, 'roles', 1))
    const there = (await usedOf(scene, 'roles')) ?? 0
    await Promise.all(creating)
    assert.equal(await usedOf(scene, 'roles'), Math.max(there, 1))
  })

  it('counts a key in each of its organizations', async () => {
    const scene = await createScene()
    const second = await scene.owner.organization()
    await changeQuota(second, (tx) => setQuota(tx, second, 'api_keys', 0))
    const body = { name: 'wide', permissions: ['read:sandboxes'], organizationIds: [scene.organization, second] }
    const answer = await create(scene, { path: '/api-keys', body }, 0)
    assert.deepEqual([answer.status, answer.headers.get('x-error-code')], [409, 'quota_reached'])
    const [stored] = await database.$client`SELECT count(*)::int AS n FROM api_keys WHERE name = 'wide'`
    assert.deepEqual(stored, { n: 0 })
  })

  it('is shown to administrators of the organization, and to no other user', async () => {
    const scene = await createScene()
    const { organization, token } = scene
    const path = `/organizations/${organization}/quotas`
    const member = await person()
    await member.join(organization, ['read:sandboxes'])
    assert.equal((await request('GET', path, (await member.token()).value)).status, 403)
    assert.equal((await request('GET', path, (await (await person()).token()).value)).status, 404)
    assert.deepEqual((await request('GET', path, token)).body, { quotas: [] })
    await changeQuota(organization, async (tx) => {
      await setQuota(tx, organization, 'volumes', 0)
      await setQuota(tx, organization, 'members', 1)
    })
    assert.deepEqual((await request('GET', path, token)).body, {
      quotas: [
        { resource: 'members', maximum: 1, used: 2 },
        { resource: 'volumes', maximum: 0, used: 0 },
      ],
    })
  })
})
