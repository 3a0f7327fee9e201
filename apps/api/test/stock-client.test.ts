import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { after, describe, it } from 'node:test'
import * as stock from '@daytonaio/api-client'
import {
  ApiKeysApi,
  ConfigApi,
  Configuration,
  DockerRegistryApi,
  OrganizationsApi,
  RegionsApi,
  SandboxApi,
  SnapshotsApi,
  UsersApi,
  VolumesApi,
} from '@daytonaio/api-client'
import { world } from './world.ts'

const { api, person, request } = await world({ after })

it('the tests of the stock client call every operation that it shares with this API', async () => {
  const files = (await readdir(import.meta.dirname)).filter((name) => name.startsWith('stock-client'))
  const tests = (await Promise.all(files.map((name) => readFile(`${import.meta.dirname}/${name}`, 'utf8')))).join('\n')
  const { paths } = (await request('GET', '/openapi.json')).body as {
    paths: Record<string, Record<string, { operationId: string }>>
  }
  const ours = Object.values(paths).flatMap((operations) => Object.values(operations).map((one) => one.operationId))
  const theirs = new Set(
    Object.values(stock).flatMap((exported) =>
      typeof exported === 'function' && exported.prototype ? Object.getOwnPropertyNames(exported.prototype) : [],
    ),
  )
  const shared = ours.filter((operation) => theirs.has(operation))
  assert.ok(shared.length > 40)
  assert.deepEqual(
    shared.filter((operation) => !tests.includes(`.${operation}(`)),
    [],
  )
})

describe('a POST without a body but with the content type of a form, which the stock client sends', async () => {
  const ada = await person('Ada')
  const organization = await ada.organization()
  const { value } = await ada.token()
  const post = (path: string, headers = {}) =>
    request('POST', path, value, {
      organization,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '0', ...headers },
    })

  it('is accepted as a POST without a body', async () => {
    await ada.key(organization, ['read:volumes'], { name: 'turned' })
    const app = { name: 'App', type: 'web', redirectUris: ['https://a.test/cb'], scopes: ['openid'] }
    const made = await request('POST', '/oauth-apps', value, { organization, body: app })
    const { clientId } = made.body as { clientId: string }
    assert.equal((await post('/api-keys/turned/rotate')).status, 201)
    assert.ok((await post(`/oauth-apps/${clientId}/rotate-secret`)).status < 300)
    assert.equal((await post('/sandbox')).status, 400, 'which says that a body is missing')
    assert.equal((await post('/auth/verify')).status, 200)
  })

  it('is the only accepted use of that content type', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const form = await request('POST', '/volumes', value, { organization, body: 'name=x', headers })
    assert.equal(form.status, 415)
  })
})

for (const prefix of ['', '/api']) {
  describe(`the stock client, pointed at our origin${prefix && ` with ${prefix}`}`, async () => {
    const ada = await person('Ada')
    const organization = await ada.organization()
    const clientOf = (accessToken: string) => new Configuration({ basePath: api.url + prefix, accessToken })
    const { value: token } = await ada.token()
    const mine = clientOf(token)

    it('reads the configuration and the regions without a credential', async () => {
      const { data } = await new ConfigApi(
        new Configuration({ basePath: api.url + prefix }),
      ).configControllerGetConfig()
      assert.equal(data.oidc.clientId, 'daytona-dashboard')
      const { data: regions } = await new RegionsApi(
        new Configuration({ basePath: api.url + prefix }),
      ).listSharedRegions()
      assert.deepEqual(
        regions.map(({ id }) => id),
        ['local'],
      )
    })

    it('creates, uses, lists, finds and deletes keys, always with its header', async () => {
      const keys = new ApiKeysApi(mine)
      const body = {
        name: 'a/b %2F?',
        permissions: ['write:sandboxes' as const],
        expiresAt: new Date(Date.now() + 60_000),
      }
      const { data: made } = await keys.createApiKey(body, organization)
      assert.equal(made.name, 'a/b %2F?')
      assert.equal((await new ApiKeysApi(clientOf(made.value)).getCurrentApiKey('org_any')).data.name, made.name)
      assert.equal((await keys.getApiKey(made.name, organization)).data.userId, ada.userId)
      assert.equal((await keys.listApiKeys(organization)).data.length, 1)
      assert.equal((await keys.deleteApiKey(made.name, organization)).status, 204)
      const { data: second } = await keys.createApiKey({ name: 'second', permissions: ['write:volumes'] }, organization)
      assert.equal((await keys.deleteApiKeyForUser(ada.userId, second.name, organization)).status, 204)
      const denial = await keys.getApiKey('second', organization).catch((error) => error.response)
      assert.deepEqual(denial.data, { statusCode: 404, message: 'Not Found', error: 'API key not found' })
    })

    it('reads the user and the organizations', async () => {
      assert.equal((await new UsersApi(mine).getAuthenticatedUser()).data.email, ada.email)
      const organizations = new OrganizationsApi(mine)
      const { data: made } = await organizations.createOrganization({ name: 'New', defaultRegionId: 'us' })
      assert.deepEqual([made.name, made.personal], ['New', false])
      assert.ok((await organizations.listOrganizations()).data.some(({ id }) => id === made.id))
    })

    it('creates sandboxes and reads their pages', async () => {
      const sandboxes = new SandboxApi(mine)
      for (const name of ['one', 'two', 'three'])
        await sandboxes.createSandbox({ name, labels: { name } }, organization)
      const names: string[] = []
      let cursor: string | undefined
      for (let pages = 0; pages < 4; pages += 1) {
        const { data } = await sandboxes.listSandboxes(organization, cursor, 2)
        for (const { name, toolboxProxyUrl } of data.items) {
          assert.ok(toolboxProxyUrl)
          names.push(name)
        }
        if (data.nextCursor === null) break
        cursor = data.nextCursor
      }
      assert.deepEqual(names, ['three', 'two', 'one'])
      const first = [organization, undefined, 10, undefined, 't', undefined, false, false] as const
      const filtered = await sandboxes.listSandboxes(...first, ['creating', 'started'])
      assert.deepEqual(
        filtered.data.items.map(({ name }) => name),
        ['three', 'two'],
      )
    })

    it('finds, labels, reports and deletes a sandbox', async () => {
      const sandboxes = new SandboxApi(mine)
      const { data: made } = await sandboxes.createSandbox({ name: 'a/b %2F?' }, organization)
      assert.equal((await sandboxes.getSandbox(made.name, organization, true)).data.id, made.id)
      const labels = { team: 'x' }
      assert.deepEqual((await sandboxes.replaceLabels(made.name, { labels }, organization)).data, { labels })
      const report = { state: 'error' as const, errorReason: 'no disk', recoverable: true }
      assert.equal((await sandboxes.updateSandboxState(made.id, report, organization)).status, 200)
      const { data } = await sandboxes.getSandbox(made.id, organization)
      assert.partialDeepStrictEqual(data, { ...report, labels })
      const deleted = await sandboxes.deleteSandbox(made.id, organization)
      assert.deepEqual([deleted.status, deleted.data.id], [200, made.id])
      const denial = await sandboxes.getSandbox(made.id, organization).catch((error) => error.response)
      assert.deepEqual(denial.data, { statusCode: 404, message: 'Not Found', error: 'Sandbox not found' })
    })

    it('creates, lists, finds and deletes volumes', async () => {
      const volumes = new VolumesApi(mine)
      const { data: made } = await volumes.createVolume({ name: 'a/b %2F?' }, organization)
      assert.deepEqual((await volumes.listVolumes(organization)).data, [made])
      assert.deepEqual((await volumes.getVolume(made.id, organization)).data, made)
      assert.deepEqual((await volumes.getVolumeByName(made.name, organization)).data, made)
      assert.equal((await volumes.deleteVolume(made.id, organization)).status, 200)
      assert.deepEqual((await volumes.listVolumes(organization, false)).data, [])
      assert.equal((await volumes.listVolumes(organization, true)).data.length, 1)
    })

    it('creates, lists, finds and removes snapshots', async () => {
      const snapshots = new SnapshotsApi(mine)
      const asked = { name: 'team/image:1 %2F?', imageName: 'debian:13', cpu: 2, entrypoint: ['sh'] }
      const { data: made } = await snapshots.createSnapshot(asked, organization)
      await snapshots.createSnapshot({ name: 'other' }, organization)
      assert.deepEqual((await snapshots.getSnapshot(made.name, organization)).data, made)
      const { data: page } = await snapshots.getAllSnapshots(organization, 2, 1, undefined, undefined, 'name', 'asc')
      assert.deepEqual(page, { items: [made], total: 2, page: 2, totalPages: 2 })
      assert.equal((await snapshots.getAllSnapshots(organization, 1, 10, 'TEAM/')).data.total, 1)
      assert.equal((await snapshots.removeSnapshot(made.id, organization)).status, 200)
      assert.equal((await snapshots.getAllSnapshots(organization)).data.total, 1)
    })

    it('adds, lists, finds, changes and deletes registries', async () => {
      const registries = new DockerRegistryApi(mine)
      const asked = { name: 'Main', url: 'https://registry.example.test', username: 'robot' }
      const { data: made, status } = await registries.createRegistry(
        { ...asked, password: 'p', project: 'x' },
        organization,
      )
      assert.equal(status, 201)
      assert.deepEqual((await registries.listRegistries(organization)).data, [made])
      assert.deepEqual((await registries.getRegistry(made.id, organization)).data, made)
      const { data: changed } = await registries.updateRegistry(made.id, { ...asked, name: 'Other' }, organization)
      assert.deepEqual(changed, { ...made, name: 'Other', updatedAt: changed.updatedAt })
      assert.equal((await registries.deleteRegistry(made.id, organization)).status, 204)
      assert.deepEqual((await registries.listRegistries(organization)).data, [])
    })
  })
}
