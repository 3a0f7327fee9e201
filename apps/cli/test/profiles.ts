import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UNKNOWN_KEY } from '@daytona-auth/testing'
import { apiKey, createHome, expectSuccess, getStatus, origin, readConfigOf, user } from './fixtures.ts'

const OTHER = 'https://other.example.com'

describe('profiles', () => {
  const home = createHome()
  const daytona = (...args: string[]) => home.daytona(args)

  it('do not exist at first, and every command says what to do', async () => {
    for (const args of [['whoami'], ['api-key', 'list'], ['logout'], ['config', 'get', 'api-url']]) {
      const { code, stdout, stderr } = await daytona(...args)
      assert.deepEqual([code, stdout, /daytona login --api-url/.test(stderr)], [1, '', true], stderr)
    }
    assert.equal((await daytona('config', 'list')).code, 0)
  })

  it('login --api-key stores a valid key from standard input', async () => {
    const login = (input: string) => home.daytona(['login', '--api-key', '--api-url', origin], { input })
    for (const [input, says] of [
      ['', /not an API key/],
      [apiKey.slice(1), /not an API key/],
      [UNKNOWN_KEY, /^error: Invalid or expired API key/],
      ['x'.repeat(10_000), /too long/],
    ] as const) {
      const { code, stderr } = await login(input)
      assert.deepEqual([code, says.test(stderr), stderr.includes(UNKNOWN_KEY)], [1, true, false], stderr)
    }
    const { code, stdout, stderr } = await login(`${apiKey}\n`)
    assert.deepEqual([code, stdout, stderr.includes(apiKey)], [0, '', false])
    assert.match(stderr, /^You are logged in to http:\S+ with the key "first-run" \(\w+\*+.{4}\)\.\n$/)
    assert.equal((await readConfigOf(home)).profiles.default.credential.key, apiKey)
    assert.equal(await expectSuccess(daytona('whoami', '-q')), `${user.email}\n`)
  })

  it('keep a credential for each server, which no other server receives', async () => {
    await expectSuccess(daytona('config', 'set', 'api-url', OTHER, '--profile', 'other'))
    const list = JSON.parse(await expectSuccess(daytona('config', 'list', '-f', 'json')))
    assert.deepEqual(
      list.map(({ name, apiUrl, current, credential }: Record<string, unknown>) => [
        name,
        apiUrl,
        current,
        !!credential,
      ]),
      [
        ['default', origin, true, true],
        ['other', OTHER, false, false],
      ],
    )
    assert.ok(!JSON.stringify(list).includes(apiKey))
    for (const args of [
      ['whoami', '--profile', 'other'],
      ['whoami', '--api-url', OTHER],
    ]) {
      const { code, stderr } = await daytona(...args)
      assert.deepEqual([code, stderr.split('\n')[0]], [1, `error: You are not logged in to ${OTHER}.`])
    }
    const mixed = await daytona('whoami', '--profile', 'other', '--api-url', origin)
    assert.deepEqual([mixed.code, /is for https:\/\/other/.test(mixed.stderr)], [2, true])
    const moved = await daytona('config', 'set', 'api-url', OTHER)
    assert.deepEqual([moved.code, /its credential is for that server only/.test(moved.stderr)], [1, true])
    await expectSuccess(daytona('config', 'set', 'profile', 'other'))
    assert.equal(await expectSuccess(daytona('config', 'get', 'api-url')), `api-url  ${OTHER}\n`)
    assert.equal(await expectSuccess(daytona('config', 'get', 'api-url', '--profile', 'default', '-q')), `${origin}\n`)
    assert.equal((await daytona('config', 'set', 'profile', 'third')).code, 1)
    await expectSuccess(daytona('config', 'delete', 'other', '--yes'))
    assert.deepEqual(Object.keys((await readConfigOf(home)).profiles), ['default'])
  })

  it('yield to the environment, which yields to the command line', async () => {
    await expectSuccess(daytona('config', 'set', 'profile', 'default'))
    const get = async (setting: string, env: Record<string, string>, ...args: string[]) =>
      (await expectSuccess(home.daytona(['config', 'get', setting, '-q', ...args], { env }))).trim()
    assert.equal(await get('api-url', {}), origin)
    assert.equal(await get('api-url', { DAYTONA_API_URL: OTHER }), OTHER)
    assert.equal(await get('api-url', { DAYTONA_API_URL: OTHER }, '--api-url', origin), origin)
    await expectSuccess(daytona('config', 'set', 'organization', 'org_kept'))
    assert.equal(await get('organization', {}), 'org_kept')
    assert.equal(await get('organization', { DAYTONA_ORGANIZATION_ID: 'org_env' }), 'org_env')
    assert.equal(await get('organization', { DAYTONA_ORGANIZATION_ID: 'org_env' }, '--organization', 'x'), 'x')
    await expectSuccess(daytona('config', 'unset', 'organization'))
    assert.equal((await daytona('config', 'get', 'organization')).code, 1)
    const { code, stderr } = await home.daytona(['whoami'], { env: { DAYTONA_API_KEY: UNKNOWN_KEY } })
    assert.deepEqual([code, /the server refuses DAYTONA_API_KEY/.test(stderr)], [1, true])
  })

  it('logout removes the stored key, and notes that it still works', async () => {
    const { code, stderr } = await daytona('logout')
    assert.deepEqual([code, /It still works/.test(stderr)], [0, true])
    assert.deepEqual((await readConfigOf(home)).profiles, { default: { apiUrl: origin } })
    assert.equal(await getStatus(apiKey), 200)
  })
})
