import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { createHomeWithKey, expectSuccess, getStatus, user } from './fixtures.ts'

const { daytona } = createHomeWithKey()

const list = (...options: string[]) => daytona(['api-key', 'list', ...options])
const namesOf = async (...options: string[]) =>
  (await expectSuccess(list('--search', 'sought', '--quiet', ...options))).split('\n').filter(Boolean)

describe('daytona api-key list and update', () => {
  let value = ''
  before(async () => {
    const create = async (name: string, ...options: string[]) =>
      (await expectSuccess(daytona(['api-key', 'create', name, '--quiet', ...options]))).trim()
    value = await create('sought b', '--permissions', 'read:sandboxes', '--description', 'Nightly builds')
    await create('sought a', '--permissions', 'read:volumes', '--expires-in', '3d')
    await create('sought c', '--permissions', 'read:volumes')
    await expectSuccess(daytona(['api-key', 'delete', 'sought c', '--yes']))
  })

  it('list filters by words, status, permission and owner, and sorts', async () => {
    assert.deepEqual(await namesOf(), ['sought a', 'sought b'])
    assert.deepEqual(await namesOf('--sort', '-name'), ['sought b', 'sought a'])
    assert.deepEqual(await namesOf('--status', 'expiring'), ['sought a'])
    assert.deepEqual(await namesOf('--status', 'revoked'), ['sought c'])
    assert.deepEqual(await namesOf('--all', '--sort', 'name'), ['sought a', 'sought b', 'sought c'])
    assert.deepEqual(await namesOf('--permission', 'read:sandboxes'), ['sought b'])
    assert.deepEqual(await namesOf('--user', user.email.toUpperCase()), ['sought a', 'sought b'])
    assert.deepEqual(await namesOf('--user', user.id), ['sought a', 'sought b'])
    const unknown = await list('--user', 'unknown@example.com')
    assert.deepEqual([unknown.code, unknown.stderr.split('\n')[1]], [1, 'List them: daytona member list'])
    assert.deepEqual(await list('--search', 'sought nothing'), { code: 0, stdout: '', stderr: 'No API key matches.\n' })
  })

  it('list has at most --limit keys, and notes that there are more', async () => {
    const args = ['--search', 'sought', '--sort', 'name', '-f', 'table']
    const limited = await list(...args, '--limit', '1')
    assert.deepEqual([limited.code, limited.stderr], [0, 'There are more keys: raise --limit.\n'])
    assert.match(limited.stdout, /^NAME.*\nsought a .*\n$/)
    const exact = await list(...args, '--limit', '2')
    assert.deepEqual([exact.stderr, exact.stdout.trimEnd().split('\n').length], ['', 3])
  })

  it('list has the same columns in TSV, also if all keys have the same value', async () => {
    const fieldsOf = async (...options: string[]) =>
      (await expectSuccess(list('--search', 'sought', ...options)))
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split('\t').slice(5))
    const same = ['', 'active', user.email]
    assert.deepEqual(await fieldsOf('--permission', 'read:sandboxes'), [[...same, 'Nightly builds']])
    assert.deepEqual(await fieldsOf('--all', '--sort', 'name'), [
      [...same, ''],
      [...same, 'Nightly builds'],
      ['', 'revoked', user.email, ''],
    ])
  })

  it('update changes what is named, and nothing else', async () => {
    const update = (...options: string[]) => daytona(['api-key', 'update', 'sought b', '-f', 'json', ...options])
    const unchanged = JSON.parse(await expectSuccess(daytona(['api-key', 'get', 'sought b', '-f', 'json'])))
    const described = JSON.parse(await expectSuccess(update('--description', '')))
    assert.deepEqual(described, { ...unchanged, description: '' })
    const expiring = JSON.parse(await expectSuccess(update('--expires-at', '2099-12-31T00:00:00Z')))
    assert.deepEqual(expiring, { ...described, expiresAt: '2099-12-31T00:00:00.000Z' })
    assert.deepEqual(JSON.parse(await expectSuccess(update('--no-expiry'))), described)
    const changed = JSON.parse(await expectSuccess(update('--name', 'sought d', '--permissions', 'read:volumes')))
    assert.deepEqual(changed, { ...described, name: 'sought d', permissions: ['read:volumes'] })
    assert.equal(await getStatus(value), 200)
    const gone = await update('--no-expiry')
    assert.deepEqual([gone.code, gone.stderr.split('\n')[0]], [1, 'error: API key not found.'])
  })

  it('delete and usage find another owner by e-mail address', async () => {
    const usage = await expectSuccess(daytona(['api-key', 'usage', 'sought a', '--user', user.email, '-f', 'json']))
    assert.deepEqual(JSON.parse(usage).buckets, [])
    await expectSuccess(daytona(['api-key', 'delete', 'sought a', '--user', user.email, '--yes']))
    assert.deepEqual(await namesOf('--status', 'revoked', '--sort', 'name'), ['sought a', 'sought c'])
  })
})
