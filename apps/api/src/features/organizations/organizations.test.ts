import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { world } from '../../../test/world.ts'

const { request, person, database } = await world({ after })
const ada = await person('Ada')
const { value: token } = await ada.token()

const list = async (credential: string) =>
  (await request('GET', '/organizations', credential)).body as { id: string; name: string; suspended: boolean }[]
const ids = async (credential: string) => (await list(credential)).map(({ id }) => id)

describe('POST /organizations', () => {
  it('refuses an invalid name', async () => {
    for (const name of ['', '  ', 'a\u0001', 'x'.repeat(129), 7, null]) {
      assert.equal((await request('POST', '/organizations', token, { body: { name } })).status, 400)
      assert.equal(
        (await request('POST', '/organizations', token, { body: { name: 'x', personal: true } })).status,
        400,
      )
    }
  })

  it('creates an organization that the caller owns and has access to at once', async () => {
    const body = { name: ' Acme\u0301 ', defaultRegionId: 'eu' }
    const answer = await request('POST', '/organizations', token, { body })
    assert.equal(answer.status, 201)
    const made = answer.body as { id: string; createdAt: string }
    assert.deepEqual(made, {
      id: made.id,
      name: 'Acmé',
      createdBy: ada.userId,
      personal: false,
      createdAt: made.createdAt,
      updatedAt: made.createdAt,
      suspended: false,
      suspendedAt: null,
      suspensionReason: null,
      suspendedUntil: null,
      suspensionCleanupGracePeriodHours: null,
      maxCpuPerSandbox: null,
      maxMemoryPerSandbox: null,
      maxDiskPerSandbox: null,
      secretQuota: null,
      maxSecretsPerSandbox: null,
      snapshotDeactivationTimeoutMinutes: null,
      defaultQueueTimeout: null,
      sandboxLimitedNetworkEgress: false,
      previewWarningEnabled: false,
      requireSecondFactor: false,
      appAccess: 'any',
      ssoEnabled: false,
      scimEnabled: false,
      authenticatedRateLimit: null,
      sandboxCreateRateLimit: null,
      sandboxLifecycleRateLimit: null,
      experimentalConfig: {},
      otelConfig: null,
      authenticatedRateLimitTtlSeconds: null,
      sandboxCreateRateLimitTtlSeconds: null,
      sandboxLifecycleRateLimitTtlSeconds: null,
    })
    const sandboxes = await request('GET', '/sandbox', token, { organization: made.id })
    assert.deepEqual(sandboxes.body, { items: [], nextCursor: null })
    const trail = await database.$client`SELECT action, actor_id FROM audit_events WHERE organization_id = ${made.id}`
    assert.deepEqual([...trail], [{ action: 'organization.create', actor_id: ada.userId }])
  })
})

describe('GET /organizations', () => {
  it('lists the organizations that the credential has access to, newest first', async () => {
    const bob = await person('Bob')
    const { value } = await bob.token()
    const first = await bob.organization('First')
    const second = await bob.organization('Second')
    await waitFor(async () => (await ids(value)).length === 3)
    assert.deepEqual(await ids(value), [second, first, bob.personalOrganizationId])
    assert.deepEqual(await ids((await bob.key(first, ['read:volumes'])).value), [first])
    const app = await bob.token({ scopes: ['openid'], organizationIds: [second] })
    assert.deepEqual(await ids(app.value), [second])
    const bare = await bob.token({ scopes: ['openid'], organizationIds: [] })
    assert.deepEqual(await list(bare.value), [])
  })

  it('shows a suspension while it lasts', async () => {
    const bob = await person('Bob')
    const { value } = await bob.token()
    const organization = await bob.organization('Suspended')
    await waitFor(async () => (await ids(value)).length === 2)
    const suspend = (until: string | null) => database.$client`
      UPDATE organizations SET suspended_at = now(), suspension_reason = 'unpaid', suspended_until = ${until}
      WHERE id = ${organization}`
    const isSuspended = async () => (await list(value)).find(({ id }) => id === organization)?.suspended
    await suspend(null)
    assert.equal(await isSuspended(), true)
    await suspend('2099-01-01T00:00:00Z')
    assert.equal(await isSuspended(), true)
    await suspend('2020-01-01T00:00:00Z')
    assert.equal(await isSuspended(), false)
  })
})
