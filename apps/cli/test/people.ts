import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { createHomeWithKey, createHomeWithSession, expectSuccess, type Home, user } from './fixtures.ts'

describe('members, roles and invitations', () => {
  let home: Home
  const daytona = (...args: string[]) => home.daytona(args)
  const json = async (...args: string[]) => JSON.parse(await expectSuccess(daytona(...args, '-f', 'json')))
  before(async () => {
    home = await createHomeWithSession()
    const id = (await expectSuccess(daytona('organization', 'create', 'People', '-q'))).trim()
    await expectSuccess(daytona('organization', 'use', id))
  })

  it('role create, update and delete manage a role', async () => {
    const role = await json('role', 'create', 'Deployer', '--permissions', 'read:sandboxes')
    const changed = await json('role', 'update', 'Deployer', '--permissions', 'read:volumes,write:volumes')
    assert.deepEqual(
      [changed.id, changed.name, changed.permissions],
      [role.id, 'Deployer', ['read:volumes', 'write:volumes']],
    )
    const { code, stderr } = await daytona('role', 'delete', 'Unknown', '--yes')
    assert.deepEqual([code, stderr], [1, 'error: There is no role "Unknown".\nList them: daytona role list\n'])
    await expectSuccess(daytona('role', 'delete', 'Deployer', '--yes'))
    const names = (await json('role', 'list')).map(({ name }: { name: string }) => name)
    assert.ok(!names.includes('Deployer') && names.length > 0, names.join())
  })

  it('invitation create, resend, list and cancel manage an invitation', async () => {
    const { id, role } = await json('invitation', 'create', 'ada@example.com', '--roles', 'Viewer')
    assert.equal(role, 'member')
    const resent = await daytona('invitation', 'resend', id)
    assert.deepEqual(
      [resent.code, /^The invitation of ada@example\.com is sent again/.test(resent.stderr)],
      [0, true],
      resent.stderr,
    )
    const [listed] = await json('invitation', 'list')
    assert.deepEqual([listed.id, listed.status, listed.assignedRoles[0].name], [id, 'pending', 'Viewer'])
    await expectSuccess(daytona('invitation', 'cancel', id))
    const again = await daytona('invitation', 'cancel', id)
    assert.equal(again.code, 1, again.stderr)
    assert.equal((await daytona('invitation', 'accept', id)).code, 1, 'an invitation of another address')
    assert.deepEqual(await json('invitation', 'list', '--received'), [])
  })

  it('member update and remove find a member by id or address, and protect the last owner', async () => {
    const unknown = await daytona('member', 'remove', 'unknown@example.com', '--yes')
    assert.deepEqual([unknown.code, unknown.stderr.split('\n')[1]], [1, 'List them: daytona member list'])
    const { code, stderr } = await daytona('member', 'update', user.email.toUpperCase(), '--roles', 'Viewer')
    assert.deepEqual([code, /owner/.test(stderr)], [1, true], stderr)
    const last = await daytona('member', 'remove', user.id, '--dry-run')
    assert.deepEqual([last.code, /last owner/.test(last.stderr)], [1, true], last.stderr)
    assert.equal((await json('member', 'list')).length, 1)
  })

  it('organization rename and leave act on the organization', async () => {
    await expectSuccess(daytona('organization', 'rename', 'Renamed'))
    const names = (await json('organization', 'list')).map(({ name }: { name: string }) => name)
    assert.ok(names.includes('Renamed') && !names.includes('People'), names.join())
    const { code } = await daytona('organization', 'leave', 'Renamed', '--yes')
    assert.equal(code, 1, 'the last owner cannot leave')
    await expectSuccess(daytona('organization', 'delete', 'Renamed', '--yes'))
  })
})

describe('sessions and authorized apps', () => {
  it('need a session, not a key', async () => {
    for (const group of ['session', 'authorized-app']) {
      const { code, stderr } = await createHomeWithKey().daytona([group, 'list'])
      assert.deepEqual([code, /^error: Insufficient permissions/.test(stderr)], [1, true], stderr)
    }
  })

  it('are listed and ended', async () => {
    const home = await createHomeWithSession()
    const list = async (group: string) => JSON.parse(await expectSuccess(home.daytona([group, 'list', '-f', 'json'])))
    const apps = await list('authorized-app')
    assert.ok(apps.some(({ clientId }: { clientId: string }) => clientId === 'daytona-cli'))
    const [session] = await list('session')
    const unknown = await home.daytona(['session', 'delete', 'unknown', '--yes'])
    assert.equal(unknown.code, 1)
    await expectSuccess(home.daytona(['session', 'delete', session.id, '--yes']))
    const ids = (await list('session')).map(({ id }: { id: string }) => id)
    assert.ok(!ids.includes(session.id))
    // The CLI's own grant outlives the session; deleting the app's access ends it.
    await expectSuccess(home.daytona(['authorized-app', 'delete', 'daytona-cli', '--yes']))
    assert.equal((await home.daytona(['whoami'])).code, 1)
  })
})

describe('daytona app get and update', () => {
  it('change only what is named', async () => {
    const home = createHomeWithKey()
    const json = async (...args: string[]) => JSON.parse(await expectSuccess(home.daytona([...args, '-f', 'json'])))
    const uri = 'https://app.example.com/callback'
    const { clientId } = await json('app', 'create', 'Before', '--type', 'spa', '--redirect-uri', uri)
    const updated = await json('app', 'update', clientId, '--name', 'After', '--scopes', 'openid')
    assert.deepEqual([updated.name, updated.scopes, updated.redirectUris], ['After', ['openid'], [uri]])
    assert.equal((await json('app', 'get', clientId)).name, 'After')
    assert.match(await expectSuccess(home.daytona(['app', 'get', clientId])), /^Redirect URIs +https:/m)
    await expectSuccess(home.daytona(['app', 'delete', clientId, '--yes']))
    assert.equal((await home.daytona(['app', 'get', clientId])).code, 1)
  })
})
