import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { configOf, type Home, homeWithKey, homeWithSession, organizationId, succeeded, user } from './world.ts'

describe('daytona organization', () => {
  let home: Home
  const daytona = (...args: string[]) => home.daytona(args)
  const json = async (...args: string[]) => JSON.parse(await succeeded(daytona(...args, '-f', 'json')))
  before(async () => {
    home = await homeWithSession()
  })

  it('list has those in reach, each with its id', async () => {
    const names = (await json('organization', 'list')).map(({ name }: { name: string }) => name)
    assert.deepEqual(names.sort(), ['Personal', 'Shared'])
    assert.ok((await succeeded(daytona('org', 'ls', '-q'))).split('\n').includes(organizationId))
  })

  it('a command that is about one of several wants to know which, and says how to say it', async () => {
    for (const args of [
      ['api-key', 'list'],
      ['audit', 'list'],
      ['organization', 'members'],
    ]) {
      const { code, stdout, stderr } = await daytona(...args)
      assert.deepEqual([code, stdout], [1, ''])
      assert.match(stderr, /^error: You have access to \S+ organizations: say which one is meant\.\n.*organization use/)
    }
  })

  it('is meant by its id or its name, for one command or for all; another one is refused', async () => {
    assert.equal((await json('organization', 'members', '--organization', 'Shared')).length, 1)
    const { code, stderr } = await daytona('organization', 'use', 'Nobody’s')
    assert.deepEqual([code, stderr.split('\n')[0]], [1, 'error: You are in no organization "Nobody’s".'])
    assert.equal((await configOf(home)).profiles.default.organizationId, undefined)
    await succeeded(daytona('organization', 'use', 'Shared'))
    assert.equal((await configOf(home)).profiles.default.organizationId, organizationId)
    assert.equal((await json('whoami')).organization.id, organizationId)
    const named = await home.daytona(['whoami', '-f', 'json'], { env: { DAYTONA_ORGANIZATION_ID: 'Personal' } })
    assert.equal(JSON.parse(named.stdout).organization.name, 'Personal')
  })

  it('members and roles; an invitation names roles by id or by name', async () => {
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

  it('create and delete: a person’s own acts, for which a key never suffices', async () => {
    const byKey = await homeWithKey().daytona(['organization', 'create', 'By a key'])
    assert.deepEqual([byKey.code, byKey.stdout], [1, ''])
    assert.match(byKey.stderr, /^error: Insufficient permissions/)
    const id = (await succeeded(daytona('organization', 'create', 'Short-lived', '-q'))).trim()
    assert.match(id, /^org_/)
    const { code, stderr } = await daytona('organization', 'delete', 'Short-lived', '--yes')
    assert.deepEqual([code, stderr], [0, 'The organization "Short-lived" is deleted.\n'])
    const ids = (await json('organization', 'list')).map(({ id }: { id: string }) => id)
    assert.ok(!ids.includes(id))
  })
})
