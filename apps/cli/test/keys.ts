import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { apiKey, homeWithKey, statusOf, succeeded, user } from './world.ts'

const home = homeWithKey()
const { daytona } = home

const VALUE = /^dta_[0-9A-Za-z]{49}$/
const masked = (value: string) => `${value.slice(0, 8)}${'*'.repeat(20)}${value.slice(-4)}`

/** Makes a key, as a script would: its value and nothing else. */
async function made(name: string, ...options: string[]): Promise<string> {
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

const shown = async (name: string) => JSON.parse(await succeeded(daytona(['api-key', 'get', name, '-f', 'json'])))

describe('daytona api-key', () => {
  it('create, as the published guide has it', async () => {
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
    const [, value = ''] = /^Value {8}(dta_[0-9A-Za-z]{49})$/m.exec(stdout) ?? []
    assert.equal(
      stdout,
      `Name         My API Key\nValue        ${value}\nPermissions  write:sandboxes,read:snapshots\n` +
        `Expires      2027-12-31T23:59:59Z\n`,
    )
    assert.equal(stderr, 'Keep the value now: it is not shown again.\n')
    assert.equal(await statusOf(value), 200)
    // It is never shown again.
    assert.equal((await shown('My API Key')).value, masked(value))
  })

  it('create refuses a name that is taken, and makes nothing', async () => {
    await made('taken')
    const again = await daytona(['api-key', 'create', 'taken', '--permissions', 'read:sandboxes'])
    assert.deepEqual([again.code, again.stdout], [1, ''])
    assert.match(again.stderr, /^error: An active API key of that name exists already: choose another name/)
  })

  it('create --expires-in counts from now; a key of no end says so', async () => {
    const before = Date.now()
    await made('short', '--expires-in', '30d')
    const days = (Date.parse((await shown('short')).expiresAt) - before) / 86_400_000
    assert.ok(days >= 30 && days < 30.01, String(days))
    await made('endless')
    assert.equal((await shown('endless')).expiresAt, null)
    assert.match(await succeeded(daytona(['api-key', 'get', 'endless'])), /^Expires +never$/m)
  })

  it('list has them in a table, in JSON, in YAML and by name only', async () => {
    const value = await made('listed')
    const table = await succeeded(daytona(['api-key', 'ls']))
    assert.match(table, /^NAME +VALUE +PERMISSIONS +EXPIRES +LAST USED\n/)
    assert.ok(table.includes(`listed`) && table.includes(masked(value)) && !table.includes(value), table)
    const json = JSON.parse(await succeeded(daytona(['api-key', 'list', '-f', 'json'])))
    assert.ok(json.some(({ name }: { name: string }) => name === 'listed'))
    const yaml = await succeeded(daytona(['api-key', 'list', '-f', 'yaml']))
    assert.match(yaml, /^ {2}name: listed$/m)
    // An older parser would take it for an instant.
    assert.match(yaml, /^ {2}createdAt: "20/m)
    const names = (await succeeded(daytona(['api-key', 'list', '-q']))).split('\n')
    assert.deepEqual([names.includes('listed'), names.includes('first-run'), names.at(-1)], [true, true, ''])
  })

  it('current is the key that is called with; get refuses one that is not there', async () => {
    const current = await succeeded(daytona(['api-key', 'current', '--quiet']))
    assert.equal(current, `${masked(apiKey)}\n`)
    assert.deepEqual(await daytona(['api-key', 'get', 'nobody’s']), {
      code: 1,
      stdout: '',
      stderr: 'error: API key not found.\nSee what there is: daytona api-key list\n',
    })
  })

  it('rotate: the old value goes on for the grace, and ends at once without', async () => {
    const first = await made('rotated', '--expires-in', '30d')
    const { expiresAt } = await shown('rotated')
    const second = (await succeeded(daytona(['api-key', 'rotate', 'rotated', '--grace', '24h', '-q']))).trim()
    assert.match(second, VALUE)
    assert.deepEqual([await statusOf(first), await statusOf(second)], [200, 200])
    const { previousSecrets, expiresAt: kept } = await shown('rotated')
    assert.deepEqual([previousSecrets.length, previousSecrets[0].value, kept], [1, masked(first), expiresAt])
    assert.match(await succeeded(daytona(['api-key', 'get', 'rotated'])), /^Rotated out +dta_.{4}\*{20}.{4} until 20/m)
    const third = JSON.parse(await succeeded(daytona(['api-key', 'rotate', 'rotated', '--no-expiry', '-f', 'json'])))
    assert.deepEqual([third.expiresAt, await statusOf(third.value)], [null, 200])
    assert.deepEqual([await statusOf(first), await statusOf(second)], [401, 401])
  })

  it('delete ends it, by its alias and by its owner’s id, too', async () => {
    const value = await made('doomed')
    assert.deepEqual(await daytona(['api-key', 'rm', 'doomed', '--yes']), {
      code: 0,
      stdout: '',
      stderr: 'The key "doomed" is deleted.\n',
    })
    assert.equal(await statusOf(value), 401)
    const another = await made('doomed')
    await succeeded(daytona(['api-key', 'delete', 'doomed', '--user', user.id, '-y', '-q']))
    assert.equal(await statusOf(another), 401)
    const all = JSON.parse(await succeeded(daytona(['api-key', 'list', '--all', '-f', 'json'])))
    const ended = all.filter(({ name }: { name: string }) => name === 'doomed')
    assert.deepEqual(
      ended.map(({ status }: { status: string }) => status),
      ['revoked', 'revoked'],
    )
  })

  it('usage of one key, and of all', async () => {
    await made('counted')
    const one = JSON.parse(
      await succeeded(daytona(['api-key', 'usage', 'counted', '--granularity', 'day', '-f', 'json'])),
    )
    assert.deepEqual(one, { buckets: [], lastUsedAt: null, lastUsedIp: null })
    const { stderr } = await daytona(['api-key', 'usage', 'counted', '--from', '2026-01-01'])
    assert.equal(stderr, 'No request was counted in this time.\nIt was never used.\n')
    assert.match(await succeeded(daytona(['api-key', 'usage'])), /^NAME +STATUS +ALLOWED +DENIED/)
  })

  it('a name that means something in a URL is a name', async () => {
    const name = 'a/b?c#d %2e%2e ü 🔑'
    const value = await made(name)
    assert.equal((await shown(name)).value, masked(value))
    await succeeded(daytona(['api-key', 'delete', name, '--yes']))
    assert.equal(await statusOf(value), 401)
  })

  it('check asks nobody: the exit code is the answer, and the key is not repeated', async () => {
    const env = { DAYTONA_API_URL: 'http://127.0.0.1:1', DAYTONA_API_KEY: '' }
    const good = await daytona(['api-key', 'check', '-q'], { env, input: `${apiKey}\n` })
    assert.deepEqual(good, { code: 0, stdout: `${masked(apiKey)}\n`, stderr: '' })
    const wrong = apiKey.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))
    const bad = await daytona(['api-key', 'check'], { env, input: wrong })
    assert.deepEqual([bad.code, bad.stdout, bad.stderr.includes(wrong)], [1, '', false])
    assert.match(bad.stderr, /checksum/)
    const shownToAll = await daytona(['api-key', 'check', apiKey], { env })
    assert.match(shownToAll.stderr, /history of your shell/)
  })
})

describe('a credential that the server refuses', () => {
  it('is told where it came from, and what to do', async () => {
    const value = await made('revoked')
    await succeeded(daytona(['api-key', 'delete', 'revoked', '--yes']))
    const { code, stdout, stderr } = await daytona(['api-key', 'list'], { env: { DAYTONA_API_KEY: value } })
    assert.deepEqual([code, stdout], [1, ''])
    assert.equal(
      stderr,
      'error: Invalid or expired API key: the server refuses DAYTONA_API_KEY.\n' +
        'Set another key, or unset it and log in: daytona login\n',
    )
  })

  it('a key with a typing error is found out before it is sent', async () => {
    const env = { DAYTONA_API_URL: 'http://127.0.0.1:1', DAYTONA_API_KEY: apiKey.slice(0, -1) }
    const { code, stderr } = await daytona(['api-key', 'list'], { env })
    assert.equal(code, 1)
    assert.match(stderr, /^error: DAYTONA_API_KEY is no API key: it has 52 characters instead of 53\.\n/)
  })

  it('a permission that is missing is named', async () => {
    const value = await made('weak')
    const { code, stderr } = await daytona(['app', 'list'], { env: { DAYTONA_API_KEY: value } })
    assert.equal(code, 1)
    assert.match(stderr, /^error: Insufficient permissions: this needs admin:organization\.\nSee who you are/)
  })
})
