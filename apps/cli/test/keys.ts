import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KEY_FORM, maskKey } from '@daytona-auth/protocol/api-key-format'
import { apiKey, createHomeWithKey, expectSuccess, getStatus, organizationId, user } from './fixtures.ts'

const home = createHomeWithKey()
const { daytona } = home

const VALUE = new RegExp(`^${KEY_FORM}$`)

/** Creates a key with --quiet and returns its value. */
async function createKey(name: string, ...options: string[]): Promise<string> {
  const { code, stdout, stderr } = await daytona([
    'api-key',
    'create',
    name,
    '--permissions',
    'read:sandboxes',
    '--quiet',
    ...options,
  ])
  assert.deepEqual([code, stderr], [0, ''])
  const [value = '', ...rest] = stdout.split('\n')
  assert.match(value, VALUE)
  assert.deepEqual(rest, [''])
  return value
}

const showKey = async (name: string) => JSON.parse(await expectSuccess(daytona(['api-key', 'get', name, '-f', 'json'])))

describe('daytona api-key', () => {
  it('create works as in the published guide', async () => {
    const { code, stdout, stderr } = await daytona([
      'api-key',
      'create',
      'My API Key',
      '--permissions',
      'write:sandboxes,read:snapshots',
      '--expires-at',
      '2027-12-31T23:59:59Z',
    ])
    assert.equal(code, 0, stderr)
    const [, value = ''] = /^Value {8}(\w+)$/m.exec(stdout) ?? []
    assert.equal(
      stdout,
      `Name         My API Key\nValue        ${value}\nPermissions  write:sandboxes,read:snapshots\n` +
        `Expires      2027-12-31T23:59:59Z\n`,
    )
    assert.equal(stderr, 'Keep the value now: it is not shown again.\n')
    assert.equal(await getStatus(value), 200)
    assert.equal((await showKey('My API Key')).value, maskKey(value))
  })

  it('create finds organizations by name, and creates nothing for an unknown one', async () => {
    const options = ['--permissions', 'read:sandboxes', '--organizations']
    const refused = await daytona(['api-key', 'create', 'elsewhere', ...options, `${organizationId},Nowhere`])
    assert.deepEqual([refused.code, refused.stderr.split('\n')[0]], [1, 'error: You are in no organization "Nowhere".'])
    const created = await expectSuccess(daytona(['api-key', 'create', 'elsewhere', ...options, 'Shared', '-f', 'json']))
    assert.deepEqual(JSON.parse(created).organizationIds, [organizationId])
  })

  it('create rejects a taken name', async () => {
    await createKey('taken')
    const again = await daytona(['api-key', 'create', 'taken', '--permissions', 'read:sandboxes'])
    assert.deepEqual([again.code, again.stdout], [1, ''])
    assert.match(again.stderr, /^error: An active API key of that name exists already: choose another name/)
  })

  it('create --expires-in counts from now; a key without expiry never expires', async () => {
    const before = Date.now()
    await createKey('short', '--expires-in', '30d')
    const days = (Date.parse((await showKey('short')).expiresAt) - before) / 86_400_000
    assert.ok(days >= 30 && days < 30.01, String(days))
    await createKey('endless')
    assert.equal((await showKey('endless')).expiresAt, null)
    assert.match(await expectSuccess(daytona(['api-key', 'get', 'endless'])), /^Expires +never$/m)
  })

  it('list prints a table, JSON, YAML or names', async () => {
    const value = await createKey('listed')
    const table = await expectSuccess(daytona(['api-key', 'ls', '-f', 'table']))
    assert.match(table, /^NAME +VALUE +PERMISSIONS +EXPIRES +LAST USED\n/)
    assert.ok(table.includes(`listed`) && table.includes(maskKey(value)) && !table.includes(value), table)
    const tsv = await expectSuccess(daytona(['api-key', 'list']))
    assert.ok(
      tsv.split('\n').some((line) => line.startsWith(`listed\t${maskKey(value)}\tread:sandboxes\tnever\t`)),
      tsv,
    )
    const json = JSON.parse(await expectSuccess(daytona(['api-key', 'list', '-f', 'json'])))
    assert.ok(json.some(({ name }: { name: string }) => name === 'listed'))
    const yaml = await expectSuccess(daytona(['api-key', 'list', '-f', 'yaml']))
    assert.match(yaml, /^ {2}name: listed$/m)
    // A YAML 1.1 parser would read it as an instant.
    assert.match(yaml, /^ {2}createdAt: "20/m)
    const names = (await expectSuccess(daytona(['api-key', 'list', '-q']))).split('\n')
    assert.deepEqual([names.includes('listed'), names.includes('first-run'), names.at(-1)], [true, true, ''])
  })

  it('--json selects fields, and --jq runs a program over them', async () => {
    await createKey('selected')
    const [first, ...rest] = JSON.parse(await expectSuccess(daytona(['api-key', 'list', '--json', 'name,status'])))
    assert.deepEqual([Object.keys(first), rest.length > 0], [['name', 'status'], true])
    const program = '.[] | select(.name == "selected") | .status'
    assert.equal(
      await expectSuccess(daytona(['api-key', 'list', '--json', 'name,status', '--jq', program])),
      'active\n',
    )
    assert.equal(
      await expectSuccess(daytona(['api-key', 'get', 'selected', '--jq', '.permissions[0]'])),
      'read:sandboxes\n',
    )
    const { code, stdout, stderr } = await daytona(['api-key', 'list', '--json', 'nmae'])
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /^error: There is no field "nmae"\.\nFields: .*name.*expiresAt/)
  })

  it('current prints the key in use; get fails for an unknown name', async () => {
    const current = await expectSuccess(daytona(['api-key', 'current', '--quiet']))
    assert.equal(current, `${maskKey(apiKey)}\n`)
    assert.deepEqual(await daytona(['api-key', 'get', 'unknown']), {
      code: 1,
      stdout: '',
      stderr: 'error: API key not found.\nList them: daytona api-key list\n',
    })
  })

  it('rotate keeps the old value during the grace period or until it is ended, and otherwise ends it at once', async () => {
    const first = await createKey('rotated', '--expires-in', '30d')
    const { expiresAt } = await showKey('rotated')
    const second = (await expectSuccess(daytona(['api-key', 'rotate', 'rotated', '--grace', '24h', '-q']))).trim()
    assert.match(second, VALUE)
    assert.deepEqual([await getStatus(first), await getStatus(second)], [200, 200])
    const { previousSecrets, expiresAt: kept } = await showKey('rotated')
    assert.deepEqual([previousSecrets.length, previousSecrets[0].value, kept], [1, maskKey(first), expiresAt])
    assert.match(await expectSuccess(daytona(['api-key', 'get', 'rotated'])), /^Rotated out +\w+\*{20}.{4} until 20/m)
    await expectSuccess(daytona(['api-key', 'end-previous-secrets', 'rotated', '-y']))
    assert.deepEqual([await getStatus(first), await getStatus(second)], [401, 200])
    const third = JSON.parse(
      await expectSuccess(daytona(['api-key', 'rotate', 'rotated', '--no-expiry', '-f', 'json'])),
    )
    assert.deepEqual([third.expiresAt, await getStatus(third.value)], [null, 200])
    assert.deepEqual([await getStatus(first), await getStatus(second)], [401, 401])
  })

  it('delete revokes a key, also by its alias and for the owner’s id', async () => {
    const value = await createKey('deleted-key')
    assert.deepEqual(await daytona(['api-key', 'rm', 'deleted-key', '--yes']), {
      code: 0,
      stdout: '',
      stderr: 'The key "deleted-key" is deleted.\n',
    })
    assert.equal(await getStatus(value), 401)
    const another = await createKey('deleted-key')
    await expectSuccess(daytona(['api-key', 'delete', 'deleted-key', '--user', user.id, '-y', '-q']))
    assert.equal(await getStatus(another), 401)
    const all = JSON.parse(await expectSuccess(daytona(['api-key', 'list', '--all', '-f', 'json'])))
    const ended = all.filter(({ name }: { name: string }) => name === 'deleted-key')
    assert.deepEqual(
      ended.map(({ status }: { status: string }) => status),
      ['revoked', 'revoked'],
    )
  })

  it('delete takes several names and ids, and deletes nothing if one is unknown', async () => {
    const values = [await createKey('many 1'), await createKey('many 2'), await createKey('many 3')]
    const { id } = await showKey('many 3')
    const unknown = await daytona(['api-key', 'delete', 'many 1', 'no such key', '--yes'])
    assert.deepEqual(
      [unknown.code, unknown.stderr],
      [1, 'error: There is no key "no such key": nothing was deleted.\nList them: daytona api-key list\n'],
    )
    assert.equal(await getStatus(values[0] ?? ''), 200)
    const { code, stderr } = await daytona(['api-key', 'delete', 'many 1', 'many 2', id, '--yes'])
    assert.deepEqual([code, stderr], [0, `3 keys are deleted: "many 1", "many 2", "${id}".\n`])
    for (const value of values) assert.equal(await getStatus(value), 401)
    const again = await daytona(['api-key', 'delete', id, 'first-run', '--user', 'usr_unknown', '--yes'])
    assert.equal(again.code, 1)
    const ended = await daytona(['api-key', 'rm', id, '--yes'])
    assert.deepEqual(
      [ended.code, ended.stderr.split('\n')[0]],
      [1, `error: 0 of 1 keys are deleted. Not found, or not yours: ${id}.`],
    )
  })

  it('usage prints one key or all keys', async () => {
    await createKey('counted')
    const one = JSON.parse(
      await expectSuccess(daytona(['api-key', 'usage', 'counted', '--granularity', 'day', '-f', 'json'])),
    )
    assert.deepEqual(one, { buckets: [], lastUsedAt: null, lastUsedIp: null, lastUsedRoute: null })
    const { stderr } = await daytona(['api-key', 'usage', 'counted', '--from', '2026-01-01'])
    assert.equal(stderr, 'There were no requests in this period.\nNever used.\n')
    const totals = await expectSuccess(daytona(['api-key', 'usage', '-f', 'table']))
    assert.match(totals, /^NAME +STATUS +ALLOWED +DENIED/)
    assert.ok(totals.includes(user.email) && !totals.includes(user.id), totals)
  })

  it('names may contain URL syntax', async () => {
    const name = 'a/b?c#d %2e%2e ü 🔑'
    const value = await createKey(name)
    assert.equal((await showKey(name)).value, maskKey(value))
    await expectSuccess(daytona(['api-key', 'delete', name, '--yes']))
    assert.equal(await getStatus(value), 401)
  })

  it('check sends no request; the exit code is the result, and the key is not printed', async () => {
    const env = { DAYTONA_API_URL: 'http://127.0.0.1:1', DAYTONA_API_KEY: '' }
    const good = await daytona(['api-key', 'check', '-q'], { env, input: `${apiKey}\n` })
    assert.deepEqual(good, { code: 0, stdout: `${maskKey(apiKey)}\n`, stderr: '' })
    const wrong = apiKey.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))
    const bad = await daytona(['api-key', 'check'], { env, input: wrong })
    assert.deepEqual([bad.code, bad.stdout, bad.stderr.includes(wrong)], [1, '', false])
    assert.match(bad.stderr, /checksum/)
    const shownToAll = await daytona(['api-key', 'check', apiKey], { env })
    assert.match(shownToAll.stderr, /history of your shell/)
  })
})

describe('a rejected credential', () => {
  it('is reported with its source and what to do', async () => {
    const value = await createKey('revoked')
    await expectSuccess(daytona(['api-key', 'delete', 'revoked', '--yes']))
    const { code, stdout, stderr } = await daytona(['api-key', 'list'], { env: { DAYTONA_API_KEY: value } })
    assert.deepEqual([code, stdout], [1, ''])
    assert.equal(
      stderr,
      'error: Invalid or expired API key: the server refuses DAYTONA_API_KEY. ' +
        'The API key is well-formed, but unknown, expired or revoked.\n' +
        'Set another key, or unset it and log in: daytona login\n',
    )
  })

  it('with a typing error is found before a request', async () => {
    const env = { DAYTONA_API_URL: 'http://127.0.0.1:1', DAYTONA_API_KEY: apiKey.slice(0, -1) }
    const { code, stderr } = await daytona(['api-key', 'list'], { env })
    assert.equal(code, 1)
    assert.match(stderr, /^error: DAYTONA_API_KEY is not an API key: it has 52 characters instead of 53\.\n/)
  })

  it('without a permission is reported with the permission', async () => {
    const value = await createKey('weak')
    const { code, stderr } = await daytona(['app', 'list'], { env: { DAYTONA_API_KEY: value } })
    assert.equal(code, 1)
    assert.match(stderr, /^error: Insufficient permissions: this needs admin:organization\.\nCheck your user/)
  })
})
