import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import {
  createHomeWithKey,
  createHomeWithSession,
  database,
  expectSuccess,
  getStatus,
  type Home,
  user,
} from './fixtures.ts'

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

  it('organization require-second-factor, and any command under the requirement, say how to sign in for it', async () => {
    const { $client: sql } = database
    const [{ id } = {}] = await sql`SELECT id FROM organizations WHERE name = 'People'`
    const hint = 'Sign in again, then repeat the command: daytona login --step-up'
    const isRefused = async (...args: string[]) => {
      const { code, stderr } = await daytona(...args)
      assert.deepEqual([code, stderr.split('\n')[1]], [1, hint], stderr)
    }
    await isRefused('organization', 'require-second-factor')
    await sql`UPDATE organizations SET require_second_factor = true WHERE id = ${id}`
    await waitFor(async () => (await daytona('member', 'list')).code === 1)
    await isRefused('member', 'list')
    await isRefused('organization', 'require-second-factor', '--off')
    await sql`UPDATE organizations SET require_second_factor = false WHERE id = ${id}`
    await waitFor(async () => (await daytona('member', 'list')).code === 0)
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

describe('another person', () => {
  const grace = { name: 'Grace Hopper', email: 'grace@example.com', password: 'a long password of Grace 1906' }
  let owner: Home
  let guest: Home
  let id: string
  const invite = async () =>
    (await expectSuccess(owner.daytona(['invitation', 'create', grace.email, '--roles', 'Viewer', '-q']))).trim()
  const organizationsOf = async (home: Home) =>
    (await expectSuccess(home.daytona(['organization', 'list', '--jq', '.[].name']))).trim().split('\n')
  before(async () => {
    owner = await createHomeWithSession()
    guest = await createHomeWithSession(grace)
    id = (await expectSuccess(owner.daytona(['organization', 'create', 'Two people', '-q']))).trim()
    await expectSuccess(owner.daytona(['organization', 'use', id]))
  })

  it('accepts an invitation once the address is verified, and only once', async () => {
    const invitation = await invite()
    const early = await guest.daytona(['invitation', 'accept', invitation])
    assert.deepEqual(
      [early.code, early.stdout, /^error: Verify your e-mail address first/.test(early.stderr)],
      [1, '', true],
      early.stderr,
    )
    await database.$client`UPDATE users SET email_verified = true WHERE email = ${grace.email}`
    assert.equal(await expectSuccess(guest.daytona(['invitation', 'list', '--received', '-q'])), `${invitation}\n`)
    const accepted = await guest.daytona(['invitation', 'accept', invitation])
    assert.deepEqual(accepted, {
      code: 0,
      stdout: '',
      stderr: `You are a member of "Two people". To select it: daytona organization use ${id}\n`,
    })
    assert.ok((await organizationsOf(guest)).includes('Two people'))
    assert.equal((await guest.daytona(['invitation', 'accept', invitation])).code, 1)
  })

  it('is updated by an owner, and can change neither the owner nor the organization', async () => {
    const update = ['member', 'update', grace.email, '--roles', 'Developer', '-f', 'json']
    const updated = JSON.parse(await expectSuccess(owner.daytona(update)))
    assert.deepEqual(
      updated.assignedRoles.map(({ name }: { name: string }) => name),
      ['Developer'],
    )
    for (const line of [
      ['member', 'update', user.email, '--role', 'member'],
      ['member', 'remove', user.email, '--yes'],
      ['organization', 'rename', 'Mine'],
      ['invitation', 'create', 'more@example.com'],
      ['role', 'create', 'Mine', '--permissions', 'read:volumes'],
    ]) {
      const { code, stdout, stderr } = await guest.daytona([...line, '--organization', id])
      assert.deepEqual([code, stdout], [1, ''], stderr)
      assert.match(stderr, /^error: Insufficient permissions/)
    }
    assert.ok((await organizationsOf(owner)).includes('Two people'))
  })

  it('leaves, and is then a stranger', async () => {
    const left = await guest.daytona(['organization', 'leave', 'Two people', '--yes'])
    assert.deepEqual(left, { code: 0, stdout: '', stderr: 'You left "Two people".\n' })
    assert.ok(!(await organizationsOf(guest)).includes('Two people'))
    const again = await guest.daytona(['organization', 'leave', 'Two people', '--yes'])
    assert.deepEqual([again.code, again.stderr.split('\n')[0]], [1, 'error: You are in no organization "Two people".'])
  })

  it('is removed with their keys, which --dry-run lists first', async () => {
    await expectSuccess(guest.daytona(['invitation', 'accept', await invite()]))
    await expectSuccess(owner.daytona(['member', 'update', grace.email, '--roles', 'Developer']))
    const create = ['api-key', 'create', 'of-grace', '--permissions', 'read:sandboxes', '-q', '--organization', id]
    const key = (await expectSuccess(guest.daytona(create))).trim()
    assert.equal(await getStatus(key), 200)
    const dryRun = ['member', 'remove', grace.email, '--dry-run']
    assert.equal(await expectSuccess(owner.daytona([...dryRun, '-q'])), 'of-grace\n')
    assert.equal(await getStatus(key), 200)
    const removed = await owner.daytona(['member', 'remove', grace.email, '--yes'])
    assert.deepEqual(removed, { code: 0, stdout: '', stderr: `Removed ${grace.email}. 1 API key stopped working.\n` })
    assert.equal(await getStatus(key), 401)
    assert.equal((await owner.daytona(dryRun)).code, 1)
  })

  it('declines an invitation, which ends it', async () => {
    const invitation = await invite()
    assert.equal((await owner.daytona(['invitation', 'decline', invitation])).code, 1, 'it is for another address')
    const declined = await guest.daytona(['invitation', 'decline', invitation])
    assert.deepEqual(declined, { code: 0, stdout: '', stderr: 'The invitation is declined.\n' })
    assert.equal(await expectSuccess(guest.daytona(['invitation', 'list', '--received', '-q'])), '')
    assert.equal((await guest.daytona(['invitation', 'accept', invitation])).code, 1)
    assert.ok(!(await organizationsOf(guest)).includes('Two people'))
    await expectSuccess(owner.daytona(['organization', 'delete', id, '--yes']))
  })
})

describe('sessions and authorized apps', () => {
  it('need a session, not a key', async () => {
    for (const group of ['session', 'authorized-app']) {
      const { code, stderr } = await createHomeWithKey().daytona([group, 'list'])
      assert.equal(code, 1)
      assert.match(
        stderr,
        /^error: Insufficient permissions\. This needs a signed-in person.*\nLog in: daytona login\./,
      )
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
    const text = await expectSuccess(home.daytona(['app', 'get', clientId]))
    assert.match(text, /^Redirect URIs +https:/m)
    const lifetimes = ['--refresh-token-ttl', '1.5s', '--max-age', '0s']
    assert.equal((await home.daytona(['app', 'update', clientId, ...lifetimes])).code, 2)
    const bounded = ['--refresh-token-ttl', '30d', '--refresh-token-absolute-ttl', '90d', '--max-age', '0s']
    const { refreshTokenTtl, refreshTokenAbsoluteTtl, defaultMaxAge } = await json(
      'app',
      'update',
      clientId,
      ...bounded,
    )
    assert.deepEqual([refreshTokenTtl, refreshTokenAbsoluteTtl, defaultMaxAge], [2_592_000, 7_776_000, 0])
    assert.match(await expectSuccess(home.daytona(['app', 'get', clientId])), /^Refresh tokens +30 days$/m)
    const unbounded = await json('app', 'update', clientId, '--no-refresh-token-ttl', '--no-max-age')
    assert.deepEqual(
      [unbounded.refreshTokenTtl, unbounded.refreshTokenAbsoluteTtl, unbounded.defaultMaxAge],
      [null, 7_776_000, null],
    )
    await expectSuccess(home.daytona(['app', 'delete', clientId, '--yes']))
    assert.equal((await home.daytona(['app', 'get', clientId])).code, 1)
  })
})
