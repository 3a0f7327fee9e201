import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { freePort } from '@daytona-auth/testing'
import {
  configFileOf,
  configOf,
  database,
  type Home,
  homeWithSession,
  origin,
  statusOf,
  succeeded,
  user,
} from './world.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')

/** Lets the access token look as if its hour were over. */
async function expire(home: Home) {
  const config = await configOf(home)
  config.profiles.default.credential.expiresAt = new Date(Date.now() - 1000).toISOString()
  await writeFile(configFileOf(home), JSON.stringify(config))
  return config.profiles.default.credential
}

/** The command in a process of its own. */
async function inOwnProcess({ env }: Home, args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...env, PATH: process.env['PATH'] } })
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
  it('is renewed once by processes that find it expired at the same moment', async () => {
    const home = await homeWithSession()
    const former = await expire(home)
    const before = await refreshTokens()
    const ran = await Promise.all(Array.from({ length: 3 }, () => inOwnProcess(home, ['whoami', '--quiet'])))
    assert.deepEqual(
      ran,
      Array.from({ length: 3 }, () => ({ code: 0, output: `${user.email}\n` })),
    )
    const { credential } = (await configOf(home)).profiles.default
    assert.notEqual(credential.refreshToken, former.refreshToken)
    assert.equal(await refreshTokens(), before + 1)
    assert.deepEqual(
      [await statusOf(credential.accessToken), Date.parse(credential.expiresAt) > Date.now()],
      [200, true],
    )
    // The family is alive: a refresh token that had come twice would have ended it.
    await expire(home)
    assert.equal((await home.daytona(['whoami'])).code, 0)
  })

  it('is over when the server says so, and says what to do', async () => {
    const home = await homeWithSession()
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
    assert.deepEqual([await statusOf(accessToken), (await configOf(home)).profiles.default], [401, { apiUrl: origin }])
  })

  it('survives a renewal that nobody answered', async () => {
    const home = await homeWithSession()
    await expire(home)
    const config = await configOf(home)
    const issuer = `http://127.0.0.1:${await freePort()}`
    config.profiles.default.credential.issuer = issuer
    await writeFile(configFileOf(home), JSON.stringify(config))
    const { code, stderr } = await home.daytona(['whoami'])
    assert.deepEqual([code, /^error: Nobody answers/.test(stderr)], [1, true], stderr)
    assert.deepEqual(await configOf(home), config)
    // Nor can it be ended there: it is not forgotten either, unless that is said.
    const kept = await home.daytona(['logout'])
    assert.deepEqual([kept.code, /--local/.test(kept.stderr)], [1, true])
    assert.deepEqual(await configOf(home), config)
    await succeeded(home.daytona(['logout', '--local']))
    assert.deepEqual((await configOf(home)).profiles, { default: { apiUrl: origin } })
  })
})
