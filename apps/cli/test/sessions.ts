import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { freePort } from '@daytona-auth/testing'
import {
  createHomeWithSession,
  database,
  expectSuccess,
  getConfigPath,
  getStatus,
  type Home,
  origin,
  readConfigOf,
  user,
} from './fixtures.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')

/** Makes the access token look expired. */
async function expire(home: Home) {
  const config = await readConfigOf(home)
  config.profiles.default.credential.expiresAt = new Date(Date.now() - 1000).toISOString()
  await writeFile(getConfigPath(home), JSON.stringify(config))
  return config.profiles.default.credential
}

/** Runs the command in a process of its own. */
async function runInOwnProcess({ env }: Home, args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...env, PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] },
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const [code] = await once(child, 'close')
  return { code, output }
}

const refreshTokens = async (): Promise<number> => {
  const [row] = await database.$client`SELECT count(*)::int AS number FROM oidc_artifacts WHERE model = 'RefreshToken'`
  return row?.['number']
}

describe('a session', () => {
  it('is refreshed once by concurrent processes', async () => {
    const home = await createHomeWithSession()
    const former = await expire(home)
    const before = await refreshTokens()
    const ran = await Promise.all(Array.from({ length: 3 }, () => runInOwnProcess(home, ['whoami', '--quiet'])))
    assert.deepEqual(
      ran,
      Array.from({ length: 3 }, () => ({ code: 0, output: `${user.email}\n` })),
    )
    const { credential } = (await readConfigOf(home)).profiles.default
    assert.notEqual(credential.refreshToken, former.refreshToken)
    assert.equal(await refreshTokens(), before + 1)
    assert.deepEqual(
      [await getStatus(credential.accessToken), Date.parse(credential.expiresAt) > Date.now()],
      [200, true],
    )
    // No refresh token was reused: that would have revoked the session.
    await expire(home)
    assert.equal((await home.daytona(['whoami'])).code, 0)
  })

  it('ends when the server revokes it, and the error says what to do', async () => {
    const home = await createHomeWithSession()
    const { accessToken, refreshToken } = await expire(home)
    const revoked = await fetch(`${origin}/oauth/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'daytona-cli', token: refreshToken }),
    })
    assert.equal(revoked.status, 200)
    assert.deepEqual(await home.daytona(['whoami']), {
      code: 1,
      stdout: '',
      stderr: 'error: Your session has ended.\nLog in again: daytona login\n',
    })
    assert.deepEqual(
      [await getStatus(accessToken), (await readConfigOf(home)).profiles.default],
      [401, { apiUrl: origin }],
    )
  })

  it('survives a failed refresh', async () => {
    const home = await createHomeWithSession()
    await expire(home)
    const config = await readConfigOf(home)
    const issuer = `http://127.0.0.1:${await freePort()}`
    config.profiles.default.credential.issuer = issuer
    await writeFile(getConfigPath(home), JSON.stringify(config))
    const { code, stderr } = await home.daytona(['whoami'])
    assert.deepEqual([code, /^error: The server refused the connection/.test(stderr)], [1, true], stderr)
    assert.deepEqual(await readConfigOf(home), config)
    // It cannot be ended there either, so it is removed only with --local.
    const kept = await home.daytona(['logout'])
    assert.deepEqual([kept.code, /--local/.test(kept.stderr)], [1, true])
    assert.deepEqual(await readConfigOf(home), config)
    await expectSuccess(home.daytona(['logout', '--local']))
    assert.deepEqual((await readConfigOf(home)).profiles, { default: { apiUrl: origin } })
  })
})
