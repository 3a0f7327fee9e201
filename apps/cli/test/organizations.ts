import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import {
  createHomeWithKey,
  createHomeWithSession,
  expectSuccess,
  type Home,
  organizationId,
  readConfigOf,
  user,
} from './fixtures.ts'

describe('daytona organization', () => {
  let home: Home
  const daytona = (...args: string[]) => home.daytona(args)
  const json = async (...args: string[]) => JSON.parse(await expectSuccess(daytona(...args, '-f', 'json')))
  before(async () => {
    home = await createHomeWithSession()
  })

  it('list prints the organizations within access', async () => {
    const names = (await json('organization', 'list')).map(({ name }: { name: string }) => name)
    assert.deepEqual(names.sort(), ['Personal', 'Shared'])
    assert.ok((await expectSuccess(daytona('org', 'ls', '-q'))).split('\n').includes(organizationId))
  })

  it('must be selected if there are several', async () => {
    for (const args of [
      ['api-key', 'list'],
      ['audit', 'list'],
      ['organization', 'members'],
    ]) {
      const { code, stdout, stderr } = await daytona(...args)
      assert.deepEqual([code, stdout], [1, ''])
      assert.match(stderr, /^error: You have access to \S+ organizations: select one\.\n.*organization use/)
    }
  })

  it('is selected by id or name, for one command or for all; unknown ones are a failure', async () => {
    assert.equal((await json('organization', 'members', '--organization', 'Shared')).length, 1)
    const { code, stderr } = await daytona('organization', 'use', 'Unknown')
    assert.deepEqual([code, stderr.split('\n')[0]], [1, 'error: You are in no organization "Unknown".'])
    assert.equal((await readConfigOf(home)).profiles.default.organizationId, undefined)
    await expectSuccess(daytona('organization', 'use', 'Shared'))
    assert.equal((await readConfigOf(home)).profiles.default.organizationId, organizationId)
    assert.equal((await json('whoami')).organization.id, organizationId)
    const named = await home.daytona(['whoami', '-f', 'json'], { env: { DAYTONA_ORGANIZATION_ID: 'Personal' } })
    assert.equal(JSON.parse(named.stdout).organization.name, 'Personal')
  })

  it('prints members and roles; invite accepts roles by id or name', async () => {
    const [member] = await json('organization', 'members')
    assert.deepEqual([member.email, member.role], [user.email, 'owner'])
    const roles = await json('organization', 'roles')
    const viewer = roles.find(({ name }: { name: string }) => name === 'Viewer')
    const invite = (...options: string[]) => json('organization', 'invite', 'new@example.com', ...options)
    const { email, role, assignedRoles } = await invite('--roles', `Developer,${viewer.id}`)
    const names = assignedRoles.map(({ name }: { name: string }) => name).sort()
    assert.deepEqual([email, role, names], ['new@example.com', 'member', ['Developer', 'Viewer']])
    const { code, stderr } = await daytona('organization', 'invite', 'new@example.com', '--roles', 'Emperor')
    assert.deepEqual([code, stderr.split('\n')[0]], [1, 'error: There is no role "Emperor".'])
  })

  it('sets which apps are allowed, and decides about no unknown app', async () => {
    await expectSuccess(daytona('organization', 'use', 'Shared'))
    const set = await daytona('app-access', 'policy', 'by_approval')
    assert.deepEqual([set.code, set.stderr], [0, 'The policy is by_approval.\n'])
    assert.equal(
      (await json('organization', 'list')).find(({ name }: { name: string }) => name === 'Shared').appAccess,
      'by_approval',
    )
    await expectSuccess(daytona('app-access', 'policy', 'any'))
    for (const command of ['approve', 'decline', 'delete']) {
      const { code, stderr } = await daytona('app-access', command, 'app_unknown')
      assert.deepEqual([code, /not found/.test(stderr)], [1, true], stderr)
    }
    assert.match((await daytona('app-access', 'block', 'app_unknown', '--yes')).stderr, /OAuth app not found/)
    for (const list of ['list', 'requests']) assert.deepEqual(await json('app-access', list), [])
  })

  it('claims a domain with its DNS record, which is not published yet, and deletes it', async () => {
    await expectSuccess(daytona('organization', 'use', 'Shared'))
    const { code, stdout, stderr } = await daytona('domain', 'add', 'Example.com')
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^DNS record +TXT _daytona-verification\.example\.com$/m)
    assert.match(stderr, /Then run: daytona domain verify example\.com/)
    assert.deepEqual(
      (await json('domain', 'list')).map(({ domain, status }: { domain: string; status: string }) => [domain, status]),
      [['example.com', 'pending']],
    )
    const refused = await daytona('domain', 'add', 'gmail.com')
    assert.deepEqual([refused.code, /public mail service/.test(refused.stderr)], [1, true])
    const deleted = await daytona('domain', 'rm', 'example.com', '--yes')
    assert.deepEqual([deleted.code, deleted.stderr], [0, 'The domain example.com is deleted.\n'])
    const missing = await daytona('identity-provider', 'get')
    assert.match(missing.stderr, /^error: Identity provider not found/)
    for (const command of [['provisioning'], ['provision', '--new-members', 'everyone']]) {
      const { stderr } = await daytona('identity-provider', ...command)
      assert.match(stderr, /^error: Identity provider not found/)
    }
  })

  it('create and delete need a session, not a key', async () => {
    const identifyByKey = await createHomeWithKey().daytona(['organization', 'create', 'By a key'])
    assert.deepEqual([identifyByKey.code, identifyByKey.stdout], [1, ''])
    assert.match(identifyByKey.stderr, /^error: Insufficient permissions/)
    const id = (await expectSuccess(daytona('organization', 'create', 'Short-lived', '-q'))).trim()
    assert.match(id, /^org_/)
    const { code, stderr } = await daytona('organization', 'delete', 'Short-lived', '--yes')
    assert.deepEqual([code, stderr], [0, 'The organization "Short-lived" is deleted.\n'])
    const ids = (await json('organization', 'list')).map(({ id }: { id: string }) => id)
    assert.ok(!ids.includes(id))
  })
})
