import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, readlink, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { testDatabase, waitFor } from '@daytona-auth/testing'
import type { Credentials } from '../src/credentials.ts'
import { authorize, dashboardClient } from './oauth-flow.ts'
import {
  createTempDirectory,
  fetchStatus,
  readCredentials,
  type StandaloneProcess,
  startStandalone,
} from './standalone.ts'

const isRoot = process.getuid?.() === 0
const UNPRIVILEGED_UID = 65534

describe('start', () => {
  const tidyUps: (() => unknown)[] = []
  const suite = { after: (tidyUp: () => unknown) => tidyUps.unshift(tidyUp) }
  let dataDir: string
  let running: StandaloneProcess
  let first: Credentials

  before(async () => {
    dataDir = join(await createTempDirectory(suite), '.data')
    // Requires AUDIT_ANCHOR_KEYS, which the start has to generate.
    running = await startStandalone(suite, { dataDir, env: { AUDIT_RETENTION_MONTHS: '12' } })
    await running.ready()
    first = await readCredentials(dataDir)
  })
  after(async () => {
    for (const tidyUp of tidyUps) await tidyUp()
  })

  it('prints where the data are, and no secret, if standard output is not a terminal', () => {
    assert.equal(
      running.output.stdout,
      `data in ${dataDir}\nmails in ${dataDir}/outbox, because SMTP_URL is not set\nfirst account and key in ${dataDir}/credentials.json\ndashboard on ${running.origin}/dashboard\nready on ${running.origin}\n`,
    )
  })

  it('writes the first account and key to credentials.json', async () => {
    assert.deepEqual(first, {
      issuer: running.origin,
      apiUrl: running.origin,
      user: { email: 'owner@localhost.localdomain', password: first.user.password, id: first.user.id },
      organizationId: first.organizationId,
      apiKey: first.apiKey,
    })
    const key = await fetch(`${running.origin}/api-keys/current`, {
      headers: { authorization: `Bearer ${first.apiKey}` },
    })
    assert.partialDeepStrictEqual(await key.json(), {
      permissions: ['admin:organization'],
      organizationIds: [first.organizationId],
      userId: first.user.id,
    })
  })

  it('makes secrets readable for its own user only', async () => {
    const modes: Record<string, number> = {}
    for (const name of ['credentials.json', 'postgres', 'secrets', ...(await secretsIn(dataDir))]) {
      modes[name] = (await stat(join(dataDir, name))).mode & 0o777
    }
    assert.deepEqual(modes, {
      'credentials.json': 0o600,
      postgres: 0o700,
      secrets: 0o700,
      'secrets/cookie-keys': 0o600,
      'secrets/database-password': 0o600,
      'secrets/resource-secrets-key': 0o600,
      'secrets/audit-anchor-keys': 0o600,
      'secrets/signing-keys-secret': 0o600,
    })
  })

  it('lets the owner sign in to the dashboard with the password', async () => {
    const { callback } = await authorize(running.origin, first.user, dashboardClient(running.origin))
    assert.equal(callback.searchParams.get('iss'), running.origin)
  })

  it('refuses a second start on the same data', async (t) => {
    const second = await startStandalone(t, { dataDir })
    assert.equal(await second.ended, 1)
    assert.equal(
      second.output.stderr,
      `${dataDir} is in use by another start: stop that one, or choose another with DATA_DIR\n`,
    )
    assert.equal(await fetchStatus(running.origin, first.apiKey), 200)
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`stops cleanly on ${signal}, and uses the same data again, also on another port`, async () => {
      running.child.kill(signal)
      assert.equal(await running.ended, 0)
      assert.match(await readFile(join(dataDir, 'postgres/postgres.log'), 'utf8'), /database system is shut down\n$/)
      await assert.rejects(stat(join(dataDir, 'postgres/cluster/postmaster.pid')), { code: 'ENOENT' })

      running = await startStandalone(suite, { dataDir })
      await running.ready()
      const now = await readCredentials(dataDir)
      assert.deepEqual(now, { ...first, issuer: running.origin, apiUrl: running.origin })
      assert.equal(await fetchStatus(running.origin, first.apiKey), 200)
    })
  }

  it('ends with exit code 1 when its PostgreSQL ends', async () => {
    const pidFile = join(dataDir, 'postgres/cluster/postmaster.pid')
    process.kill(Number((await readFile(pidFile, 'utf8')).split('\n')[0]), 'SIGKILL')
    assert.equal(await running.ended, 1)
    assert.match(running.output.stderr, /PostgreSQL ended unexpectedly: see \S+postgres\.log/)
  })

  it('stops when the npx that started it was stopped', { skip: process.platform !== 'linux' }, async () => {
    // npx, a shell and the server; only npx is terminated. A shell with `npx` among its arguments stands for npx.
    running = await startStandalone(suite, { dataDir, launcher: ['sh', '-c', 'sh -c \'"$@"; :\' npx "$@"; :', 'npx'] })
    await running.ready()
    assert.equal(await fetchStatus(running.origin, first.apiKey), 200)
    running.child.kill('SIGTERM')
    await running.ended
    await waitFor(async () => (await stat(join(dataDir, 'postgres/cluster/postmaster.pid')).catch(() => null)) === null)
    assert.match(await readFile(join(dataDir, 'postgres/postgres.log'), 'utf8'), /database system is shut down\n$/)
  })

  it('fails with one line if its secrets are gone', async (t) => {
    await rename(join(dataDir, 'secrets'), join(dataDir, 'elsewhere'))
    const refused = await startStandalone(t, { dataDir })
    assert.equal(await refused.ended, 1)
    assert.equal(refused.output.stderr, `${dataDir}/secrets does not match its database: restore its files\n`)
  })
})

describe('start in other environments', () => {
  it('uses an operator’s database, and detects that another installation has set it up', async (t) => {
    const place = await createTempDirectory(t)
    const { url } = await testDatabase(t)
    const env = { DATABASE_URL: url }
    const one = await startStandalone(t, { dataDir: join(place, 'one'), env })
    await one.ready()
    const { apiKey } = await readCredentials(join(place, 'one'))
    assert.deepEqual((await readdir(join(place, 'one'))).sort(), ['credentials.json', 'lock', 'secrets'])

    const secrets = { SIGNING_KEYS_SECRET_FILE: join(place, 'one/secrets/signing-keys-secret') }
    const two = await startStandalone(t, { dataDir: join(place, 'two'), env: { ...env, ...secrets } })
    await two.ready()
    assert.equal(
      two.output.stdout,
      `data in ${place}/two, and in the database of DATABASE_URL\n` +
        `mails in ${place}/two/outbox, because SMTP_URL is not set\n` +
        'the database was set up by another installation: its credentials are in the data directory of that one\n' +
        `dashboard on ${two.origin}/dashboard\nready on ${two.origin}\n`,
    )
    assert.equal(await fetchStatus(two.origin, apiKey), 200)
    await assert.rejects(readCredentials(join(place, 'two')), { code: 'ENOENT' })
  })

  it('runs as root in a directory that only root may enter', { skip: !isRoot && 'requires root' }, async (t) => {
    const closed = join(await createTempDirectory(t), 'root')
    await mkdir(closed, { mode: 0o700 })
    const dataDir = join(closed, '.data')
    const running = await startStandalone(t, { dataDir })
    await running.ready()
    const { apiKey } = await readCredentials(dataDir)
    const data = await readlink(join(dataDir, 'postgres'))
    t.after(() => execFileSync('rm', ['-rf', data]))
    assert.match(running.output.stdout, new RegExp(`PostgreSQL’s data in ${data}, because it does not run as root\n`))
    assert.equal(await fetchStatus(running.origin, apiKey), 200)
    running.child.kill('SIGTERM')
    assert.equal(await running.ended, 0)
  })

  it('runs as an ordinary user', { skip: !isRoot && 'covered by the other tests' }, async (t) => {
    const place = await createTempDirectory(t)
    await chmod(place, 0o777)
    const dataDir = join(place, '.data')
    const running = await startStandalone(t, { dataDir, uid: UNPRIVILEGED_UID })
    await running.ready()
    assert.equal(await fetchStatus(running.origin, (await readCredentials(dataDir)).apiKey), 200)
  })
})

const secretsIn = async (dataDir: string) =>
  (await readdir(join(dataDir, 'secrets'))).sort().map((name) => `secrets/${name}`)
