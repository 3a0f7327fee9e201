import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { daytonaAuth } from './command.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const GOOD = {
  DATABASE_URL: 'postgres://daytona:hunter2@db/daytona',
  ISSUER: 'https://api.example.com',
  SIGNING_KEYS_SECRET: 'd2f5a0b14c8e937f6a1b0c9d8e7f2a3b',
  COOKIE_KEYS: '0f1e2d3c4b5a69788796a5b4c3d2e1f1',
}

interface Shown {
  readonly variables: readonly Record<string, unknown>[]
  readonly problems: readonly unknown[]
}

async function config(env: Record<string, string>, ...argv: string[]) {
  const { exitCode, stdout, stderr } = await daytonaAuth(['config', '-f', 'json', ...argv], { env })
  assert.equal(stderr, '')
  return { exitCode, stdout, ...(JSON.parse(stdout) as Shown) }
}

describe('daytona-auth config', () => {
  it('reports all problems at once with their servers, and exits with 2', async () => {
    const env = {
      ...GOOD,
      ISSUER: 'https://api.example.com/',
      COOKIE_KEYS: 'changeme'.repeat(4),
      SIGNING_KEYS_SECRET_FILE: '/run/secrets/x',
      BODY_LIMIT: '1 MiB',
    }
    const { exitCode, problems, stdout } = await config(env)
    assert.equal(exitCode, 2)
    assert.deepEqual(problems, [
      {
        servers: ['api', 'oidc'],
        problem: 'ISSUER must be an origin such as https://api.example.com, without path or trailing slash',
      },
      { servers: ['api'], problem: 'BODY_LIMIT must be a whole number of 1024 to 67108864' },
      {
        servers: ['oidc'],
        problem: 'SIGNING_KEYS_SECRET and SIGNING_KEYS_SECRET_FILE are both set: set one of them',
      },
      {
        servers: ['oidc'],
        problem:
          'COOKIE_KEYS must be random, not easy to guess (each of the comma-separated secrets): make one with openssl rand -hex 32',
      },
    ])
    for (const secret of ['hunter2', 'changeme', GOOD.SIGNING_KEYS_SECRET]) assert.ok(!stdout.includes(secret))
  })

  it('reports contradictions between variables, and missing ones', async () => {
    const api = { DATABASE_URL: GOOD.DATABASE_URL, ISSUER: GOOD.ISSUER, AUDIT_RETENTION_MONTHS: '3' }
    const { exitCode, problems } = await config(api, '--server', 'api')
    assert.equal(exitCode, 2)
    assert.deepEqual(problems, [
      { servers: ['api'], problem: 'AUDIT_ANCHOR_KEYS is required if AUDIT_RETENTION_MONTHS is set' },
    ])
    assert.equal((await config({}, '--server', 'oidc')).problems.length, 4)
    const unknown = await daytonaAuth(['config', '--server', 'apo'])
    assert.deepEqual([unknown.exitCode, unknown.stdout], [2, ''])
  })

  it('prints the value, origin, readers and meaning of each variable', async (t) => {
    const file = `${await temporaryDirectory(t)}/cookie-keys`
    await writeFile(file, `${GOOD.COOKIE_KEYS}\n`)
    const { COOKIE_KEYS, ...env } = GOOD
    const { exitCode, variables, problems, stdout } = await config({ ...env, COOKIE_KEYS_FILE: file, PORT: '8080' })
    assert.equal(exitCode, 0)
    assert.deepEqual(problems, [])
    const shown = (name: string) => {
      const found = variables.filter((variable) => variable['name'] === name)
      return found.map(({ servers, source, file, value, default: standard, isSecret }) => [
        servers,
        source,
        file,
        value,
        standard,
        isSecret,
      ])
    }
    const both = ['api', 'oidc']
    const url = 'postgres://daytona:********@db/daytona'
    assert.deepEqual(shown('DATABASE_URL'), [[both, 'environment', null, url, null, true]])
    assert.deepEqual(shown('COOKIE_KEYS'), [[['oidc'], 'file', file, '********', null, true]])
    assert.deepEqual(shown('PORT'), [[both, 'environment', null, '8080', '3000', false]])
    assert.deepEqual(shown('LOG_LEVEL'), [[both, 'default', null, 'info', 'info', false]])
    // Each server defines it differently.
    assert.deepEqual(
      shown('API_AUDIENCE').map(([servers]) => servers),
      [['api'], ['oidc']],
    )
    assert.deepEqual(shown('REDIS_URL'), [[both, 'none', null, null, null, true]])
    for (const { name, meaning } of variables) assert.match(String(meaning), /\.$/, String(name))
    for (const secret of ['hunter2', COOKIE_KEYS, GOOD.SIGNING_KEYS_SECRET]) assert.ok(!stdout.includes(secret))
  })

  it('prints the same as text', async () => {
    const { exitCode, stdout } = await daytonaAuth(['config', '-s', 'api'], { env: { ...GOOD, PORT: 'http' } })
    assert.equal(exitCode, 2)
    assert.match(
      stdout,
      /^DATABASE_URL=postgres:\/\/daytona:\*{8}@db\/daytona\n {2}from the environment; read by api\n/,
    )
    assert.match(stdout, /^API_AUDIENCE\n {2}not set: ISSUER; read by api\n/m)
    assert.match(stdout, /\n\nproblems:\n {2}PORT must be a whole number of 0 to 65535 \(api\)\n$/)
  })

  it('shows no password in a URL that must not have one', async () => {
    const { stdout } = await config({ ...GOOD, ISSUER: 'https://me:hunter2@api.example.com' })
    assert.ok(!stdout.includes('hunter2'))
  })
})
