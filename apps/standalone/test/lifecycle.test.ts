import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, readlink, rename, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { freePort, testDatabase, waitFor } from '@daytona-auth/testing'
import { curlLines } from '../src/announcement.ts'
import type { Credentials } from '../src/credentials.ts'
import { authorize, dashboardOf } from './oauth-flow.ts'
import { complaint, credentialsIn, type Start, start, statusOf, temporary } from './standalone.ts'

const isRoot = process.getuid?.() === 0
const NOBODY = 65534
const hasCurl = spawnSync('curl', ['--version']).status === 0

describe('what keeps a start from starting', () => {
  it('a port that is taken: says so, and leaves nothing behind', async (t) => {
    const place = await temporary(t)
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    t.after(() => other.close())
    const address = other.address()
    assert.ok(address && typeof address === 'object')
    const { port } = address
    const refused = await start(t, { dataDir: join(place, '.data'), port })
    assert.equal(await refused.ended, 1)
    assert.equal(complaint(refused), `port ${port} is taken: stop what listens there, or choose another with PORT\n`)
    assert.deepEqual(await readdir(place), [])
  })

  it('a data directory that cannot be written', async (t) => {
    const closed = join(await temporary(t), 'closed')
    await mkdir(closed, { mode: 0o555 })
    const dataDir = join(closed, '.data')
    const refused = await start(t, { dataDir, uid: isRoot ? NOBODY : undefined })
    assert.equal(await refused.ended, 1)
    assert.equal(
      complaint(refused),
      `the data directory ${dataDir} cannot be written (EACCES): give it to this user, or choose another with DATA_DIR\n`,
    )
  })

  it('a data directory that is a file', async (t) => {
    const dataDir = join(await temporary(t), '.data')
    await writeFile(dataDir, '')
    const refused = await start(t, { dataDir })
    assert.equal(await refused.ended, 1)
    assert.match(complaint(refused), /^the data directory \S+ cannot be written \(EEXIST\): [^\n]*\n$/)
  })

  it('a database that does not answer', async (t) => {
    const env = { DATABASE_URL: `postgres://someone:opensesame@127.0.0.1:${await freePort()}/nowhere` }
    const refused = await start(t, { dataDir: join(await temporary(t), '.data'), env })
    assert.equal(await refused.ended, 1)
    assert.equal(
      complaint(refused),
      'the database cannot be reached (ECONNREFUSED): check that it runs and that DATABASE_URL is right\n',
    )
  })

  it('variables that it cannot read, all told of in one line without their values', async (t) => {
    const env = { LOG_LEVEL: 'loud', ISSUER: 'http://example.com' }
    const refused = await start(t, { dataDir: join(await temporary(t), '.data'), env })
    assert.equal(await refused.ended, 1)
    assert.match(complaint(refused), /^invalid environment: [^\n]*\n$/)
    assert.match(complaint(refused), /ISSUER/)
    assert.match(complaint(refused), /LOG_LEVEL/)
    assert.doesNotMatch(complaint(refused), /loud|example/)
  })
})

describe('start', () => {
  const tidyUps: (() => unknown)[] = []
  const suite = { after: (tidyUp: () => unknown) => tidyUps.unshift(tidyUp) }
  let dataDir: string
  let running: Start
  let first: Credentials

  before(async () => {
    dataDir = join(await temporary(suite), '.data')
    // Which needs keys that no database has, and that nobody has given.
    running = await start(suite, { dataDir, env: { AUDIT_RETENTION_MONTHS: '12' } })
    await running.ready()
    first = await credentialsIn(dataDir)
  })
  after(async () => {
    for (const tidyUp of tidyUps) await tidyUp()
  })

  it('says where things are when nobody watches, and no secret', () => {
    assert.equal(
      running.output.stdout,
      `data in ${dataDir}\nfirst account and key in ${dataDir}/credentials.json\nready on ${running.origin}\n`,
    )
  })

  it('writes down the first account and key', async () => {
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

  it('keeps secrets from everybody else', async () => {
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
    const { callback } = await authorize(running.origin, first.user, dashboardOf(running.origin))
    assert.equal(callback.searchParams.get('iss'), running.origin)
  })

  it('answers the three curl lines as they say', { skip: !hasCurl && 'there is no curl' }, () => {
    const lines = curlLines(first.apiKey, running.origin)
    const [key, list, refusal] = execFileSync('sh', ['-c', lines.join('; echo; ')])
      .toString()
      .split('\n')
      .filter(Boolean)
    assert.match(String(key), /^dta_[0-9A-Za-z]{49}$/)
    assert.deepEqual(JSON.parse(String(list)), { items: [], nextCursor: null })
    assert.deepEqual(JSON.parse(String(refusal)), {
      statusCode: 403,
      message: 'Forbidden',
      error: 'Insufficient permissions',
    })
  })

  it('refuses a second start on the same data', async (t) => {
    const second = await start(t, { dataDir })
    assert.equal(await second.ended, 1)
    assert.equal(
      complaint(second),
      `${dataDir} is in use by another start: stop that one, or choose another with DATA_DIR\n`,
    )
    assert.equal(await statusOf(running.origin, first.apiKey), 200)
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`stops cleanly on ${signal}, and finds its data again, on another port too`, async () => {
      running.child.kill(signal)
      assert.equal(await running.ended, 0)
      assert.match(await readFile(join(dataDir, 'postgres/postgres.log'), 'utf8'), /database system is shut down\n$/)
      await assert.rejects(stat(join(dataDir, 'postgres/cluster/postmaster.pid')), { code: 'ENOENT' })

      running = await start(suite, { dataDir })
      await running.ready()
      const now = await credentialsIn(dataDir)
      assert.deepEqual(now, { ...first, issuer: running.origin, apiUrl: running.origin })
      assert.equal(await statusOf(running.origin, first.apiKey), 200)
    })
  }

  it('ends with exit code 1 when its PostgreSQL dies', async () => {
    const pidFile = join(dataDir, 'postgres/cluster/postmaster.pid')
    process.kill(Number((await readFile(pidFile, 'utf8')).split('\n')[0]), 'SIGKILL')
    assert.equal(await running.ended, 1)
    assert.match(running.output.stderr, /PostgreSQL ended by itself: \S+postgres\.log says why/)
  })

  it('stops when the npx that started it was stopped', { skip: process.platform !== 'linux' }, async () => {
    // npx, a shell, and us; npx is killed alone. A shell that has `npx` among its words stands for it.
    running = await start(suite, { dataDir, launcher: ['sh', '-c', 'sh -c \'"$@"; :\' npx "$@"; :', 'npx'] })
    await running.ready()
    assert.equal(await statusOf(running.origin, first.apiKey), 200)
    running.child.kill('SIGTERM')
    await running.ended
    await waitFor(async () => (await stat(join(dataDir, 'postgres/cluster/postmaster.pid')).catch(() => null)) === null)
    assert.match(await readFile(join(dataDir, 'postgres/postgres.log'), 'utf8'), /database system is shut down\n$/)
  })

  it('says so when its secrets are gone', async (t) => {
    await rename(join(dataDir, 'secrets'), join(dataDir, 'elsewhere'))
    const refused = await start(t, { dataDir })
    assert.equal(await refused.ended, 1)
    assert.equal(
      complaint(refused),
      `${dataDir}/secrets is not what its database was made with: bring its files back\n`,
    )
  })
})

describe('start elsewhere', () => {
  it('works on a database of the operator’s, and knows when another installation has set it up', async (t) => {
    const place = await temporary(t)
    const { url } = await testDatabase(t)
    const env = { DATABASE_URL: url }
    const one = await start(t, { dataDir: join(place, 'one'), env })
    await one.ready()
    const { apiKey } = await credentialsIn(join(place, 'one'))
    assert.deepEqual((await readdir(join(place, 'one'))).sort(), ['credentials.json', 'lock', 'secrets'])

    const secrets = { SIGNING_KEYS_SECRET_FILE: join(place, 'one/secrets/signing-keys-secret') }
    const two = await start(t, { dataDir: join(place, 'two'), env: { ...env, ...secrets } })
    await two.ready()
    assert.equal(
      two.output.stdout,
      `data in ${place}/two, and in the database of DATABASE_URL\n` +
        `the database was set up elsewhere: its first credentials are there\nready on ${two.origin}\n`,
    )
    assert.equal(await statusOf(two.origin, apiKey), 200)
    await assert.rejects(credentialsIn(join(place, 'two')), { code: 'ENOENT' })
  })

  it('runs as root where only root may enter', { skip: !isRoot && 'only root can show it' }, async (t) => {
    const closed = join(await temporary(t), 'root')
    await mkdir(closed, { mode: 0o700 })
    const dataDir = join(closed, '.data')
    const running = await start(t, { dataDir })
    await running.ready()
    const { apiKey } = await credentialsIn(dataDir)
    const data = await readlink(join(dataDir, 'postgres'))
    t.after(() => execFileSync('rm', ['-rf', data]))
    assert.match(running.output.stdout, new RegExp(`PostgreSQL’s, as it does not run as root, in ${data}\n`))
    assert.equal(await statusOf(running.origin, apiKey), 200)
    running.child.kill('SIGTERM')
    assert.equal(await running.ended, 0)
  })

  it('runs as an ordinary user', { skip: !isRoot && 'the others show it' }, async (t) => {
    const place = await temporary(t)
    await chmod(place, 0o777)
    const dataDir = join(place, '.data')
    const running = await start(t, { dataDir, uid: NOBODY })
    await running.ready()
    assert.equal(await statusOf(running.origin, (await credentialsIn(dataDir)).apiKey), 200)
  })
})

const secretsIn = async (dataDir: string) =>
  (await readdir(join(dataDir, 'secrets'))).sort().map((name) => `secrets/${name}`)
