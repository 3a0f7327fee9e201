import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { connect } from '@daytona-auth/db/core'
import { newDatabasePassword, startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import { migrate } from '@daytona-auth/db/operations'
import { freePort, type Scope, scrape, waitFor } from '@daytona-auth/testing'
import { errorBody, world } from './world.ts'

const run = promisify(execFile)
const DISK_MIB = 384
/** Two segments of WAL and as much for tables. */
const RESERVE_BYTES = 64 * 1024 * 1024
/** How many keys are revoked on a full disk. */
const KEYS = 300
const UNAVAILABLE = errorBody(503, 'Service Unavailable', 'Service unavailable')

/** Cleans up in reverse order: clients of a server are closed before it. */
function reversed(scope: Scope): Scope {
  const tidyUps: (() => unknown)[] = []
  scope.after(async () => {
    for (const tidyUp of tidyUps.reverse()) await tidyUp()
  })
  return { after: (tidyUp) => tidyUps.push(tidyUp) }
}

/** A PostgreSQL server for this test, and a client of its superuser. */
async function ownServer(scope: Scope, settings: Record<string, string> = {}, diskMib?: number) {
  const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-full-'))
  await chmod(directory, 0o711)
  // Registered first, for a scope that cleans up in reverse order: a mounted directory cannot be removed.
  scope.after(() => rm(directory, { recursive: true, force: true }))
  const disk = diskMib === undefined ? undefined : await mountDisk(scope, directory, diskMib)
  const server = await startEmbeddedPostgres({
    dataDir: join(disk ?? directory, 'postgres'),
    password: newDatabasePassword(),
    durable: disk !== undefined,
    settings,
  })
  const { $client: sql } = connect(server.url, { max: 1, applicationName: 'daytona-auth-test' })
  scope.after(async () => {
    await sql.end({ timeout: 1 })
    await server.stop()
    await rm(server.directory, { recursive: true, force: true })
  })
  const at = (url: string) => {
    const database = connect(url, { applicationName: 'daytona-auth-test' })
    scope.after(() => database.$client.end({ timeout: 1 }))
    return { url, database }
  }
  return { url: server.url, directory, disk: disk ?? directory, sql, at }
}

/** Mounts an in-memory file system of `mib` MiB. */
async function mountDisk(scope: Scope, directory: string, mib: number): Promise<string> {
  const place = join(directory, 'small')
  await mkdir(place)
  await run('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'tmpfs', place])
  scope.after(() => run('umount', ['--lazy', place]))
  return place
}

/** Mounts an in-memory file system with a directory of the owner of `like`. */
async function smallDisk(scope: Scope, directory: string, mib: number, like: string): Promise<string> {
  const place = await mountDisk(scope, directory, mib)
  const { uid, gid } = await stat(like)
  const data = join(place, 'data')
  await mkdir(data, { mode: 0o700 })
  await chown(data, uid, gid)
  return data
}

/** Fills the file system of `disk` to its last page, as a log of another program does. Returns the file. */
async function fillDisk(disk: string): Promise<string> {
  const path = join(disk, 'filler')
  const file = await open(path, 'w')
  try {
    for (const bytes of [1024 * 1024, 4096]) {
      const chunk = Buffer.alloc(bytes, 'x')
      for (;;) if ((await file.write(chunk)).bytesWritten < bytes) break
    }
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
  } finally {
    await file.close()
  }
  return path
}

describe('a full disk', () => {
  // Mounting needs root, or a namespace in which this user may mount.
  const mayMount = process.getuid?.() === 0 || process.env['MAY_MOUNT'] === '1'
  if (!mayMount) {
    it('is tested in a separate namespace', async () => {
      const namespace = ['--user', '--map-current-user', '--mount', '--keep-caps']
      const test = [process.execPath, '--test', '--test-name-pattern=a full disk', fileURLToPath(import.meta.url)]
      await run('unshare', [...namespace, ...test], {
        env: { ...process.env, MAY_MOUNT: '1', NODE_TEST_CONTEXT: undefined },
      })
    })
    return
  }

  /** A server whose whole cluster is on a small disk, with an API that has filled the space reserve. */
  async function reservedServer(scope: Scope) {
    const { url, sql, disk, at } = await ownServer(scope, {}, DISK_MIB)
    await migrate(url)
    const port = await freePort()
    const env = { SPACE_RESERVE_BYTES: String(RESERVE_BYTES), METRICS_PORT: String(port) }
    const { request, person, api } = await world(scope, env, at(url))
    const ada = await person()
    const { value: token } = await ada.token()
    const organization = ada.personalOrganizationId
    const names = Array.from({ length: KEYS }, (_, index) => `key ${index}`)
    const keys = await Promise.all(names.map((name) => ada.key(organization, ['read:sandboxes'], { name })))
    const size = async () => {
      const [row] = await sql`SELECT pg_relation_size(to_regclass('public.space_reserve'))::int AS bytes`
      return row?.['bytes'] as number | null
    }
    await waitFor(async () => ((await size()) ?? 0) >= RESERVE_BYTES, 30_000)
    // A new segment of WAL: the current one may be nearly full, and PostgreSQL would stop for want of the next.
    await sql`SELECT pg_switch_wal()`
    await sql`SELECT pg_logical_emit_message(true, 'test', 'creates the segment')`
    const revoke = (name: string) => request('DELETE', `/api-keys/${encodeURIComponent(name)}`, token, { organization })
    return {
      sql,
      disk,
      keys,
      size,
      /** Returns `ok` or `degraded`, or the status of a server that is not ready. */
      async ready() {
        const response = await fetch(`${api.url}/health/ready`)
        if (!response.ok) return response.status
        return ((await response.json()) as { checks: { database: string } }).checks.database
      },
      isReleased: async () => (await scrape(port)).value('database_space_reserve_released{service="api"}'),
      create: (name: string) =>
        request('POST', '/api-keys', token, { organization, body: { name, permissions: ['read:sandboxes'] } }),
      revoke,
      /** Revokes each key until a revocation is refused. Returns the number of acknowledged ones, which are effective. */
      async revokeAll() {
        let revoked = 0
        for (const { name, value } of keys) {
          const answer = await revoke(name)
          if (answer.status !== 204) break
          assert.equal((await request('GET', '/api-keys/current', value)).status, 401)
          revoked += 1
        }
        return revoked
      },
    }
  }

  it('lets revocations use the space reserve and refuses creations, until the disk has space again', async (t) => {
    const { sql, disk, size, ready, isReleased, create, revokeAll } = await reservedServer(reversed(t))
    assert.deepEqual([await ready(), await isReleased()], ['ok', 0])
    const filler = await fillDisk(disk)
    const revoked = await revokeAll()
    t.diagnostic(`${revoked} keys were revoked on the full disk`)
    assert.equal(revoked, KEYS)
    assert.equal(await size(), null)
    const refused = await create('new')
    assert.deepEqual([refused.status, refused.body], [503, UNAVAILABLE])
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
    // Ready: a proxy that takes the server out of service would take the revocations with it.
    await waitFor(async () => (await ready()) === 'degraded')
    assert.equal(await isReleased(), 1)
    // The released space is room for one reserve, not for two: it stays with the revocations.
    assert.deepEqual([...(await sql`SELECT fill_space_reserve(${RESERVE_BYTES}) AS filled`)], [{ filled: false }])
    assert.equal((await create('new')).status, 503)

    await rm(filler)
    assert.deepEqual([...(await sql`SELECT fill_space_reserve(${RESERVE_BYTES}) AS filled`)], [{ filled: true }])
    assert.equal((await create('afterwards')).status, 201)
    await waitFor(async () => (await ready()) === 'ok')
    assert.equal(await isReleased(), 0)
  })

  it('lets a creation release the space reserve, which revocations then use', async (t) => {
    const { disk, ready, create, revokeAll } = await reservedServer(reversed(t))
    await fillDisk(disk)
    let refused = await create('new')
    for (let created = 0; refused.status === 201; created += 1) refused = await create(`new ${created}`)
    assert.deepEqual([refused.status, refused.body], [503, UNAVAILABLE])
    await waitFor(async () => (await ready()) === 'degraded')
    assert.equal(await revokeAll(), KEYS)
  })

  it('starts again from the space reserve when the disk has no space for WAL, and then revokes', async (t) => {
    const { sql, disk, keys, ready, create, revoke, revokeAll } = await reservedServer(reversed(t))
    const filler = await fillDisk(disk)
    // PostgreSQL stops when it cannot write a segment, even for a message without effect.
    await assert.rejects(async () => {
      for (;;) await sql`SELECT pg_logical_emit_message(false, 'filler', repeat('x', 1000000))`
    })
    await waitFor(async () => (await ready()) === 'ok', 60_000)
    await waitFor(async () => (await revoke(keys[0]?.name ?? '')).status !== 503, 30_000)
    keys.shift()
    assert.equal(await revokeAll(), KEYS - 1)
    // The next attempt to fill the reserve finds too little room for it, so that nothing is created any more.
    assert.deepEqual([...(await sql`SELECT fill_space_reserve(${RESERVE_BYTES}) AS filled`)], [{ filled: false }])
    assert.equal((await create('new')).status, 503)
    await rm(filler)
  })

  it('refuses creations with 503, acknowledges only effective revocations, and recovers without a restart', async (t) => {
    const scope = reversed(t)
    const { url, sql, directory, at } = await ownServer(scope)
    const [row] = await sql<{ data: string }[]>`SELECT current_setting('data_directory') AS data`
    const disk = await smallDisk(scope, directory, 64, row?.data ?? '')
    await sql.unsafe(`CREATE TABLESPACE small LOCATION '${disk}'`)
    await sql.unsafe(`CREATE DATABASE small TABLESPACE small`)
    const smallUrl = Object.assign(new URL(url), { pathname: '/small' }).href
    await migrate(smallUrl)
    const { request, person, database, api } = await world(scope, {}, at(smallUrl))
    const ada = await person()
    const { value: token } = await ada.token()
    const organization = ada.personalOrganizationId
    const ready = async () => (await fetch(`${api.url}/health/ready`)).status
    const create = (name: string) =>
      request('POST', '/api-keys', token, { organization, body: { name, permissions: ['read:sandboxes'] } })
    const keys = await Promise.all(
      Array.from({ length: 100 }, (_, index) => ada.key(organization, ['read:sandboxes'], { name: `key ${index}` })),
    )
    assert.equal(await ready(), 200)

    await database.$client`CREATE TABLE filler (text text)`
    await database.$client`ALTER TABLE filler ALTER COLUMN text SET STORAGE PLAIN`
    for (const rows of [1000, 100, 10, 1]) {
      for (;;) {
        try {
          await database.$client`INSERT INTO filler SELECT repeat('x', 7000) FROM generate_series(1, ${rows}::int)`
        } catch (error) {
          assert.equal((error as { code?: string }).code, '53100')
          break
        }
      }
    }
    let created = 0
    let refused = await create('new')
    for (; refused.status === 201; created += 1) refused = await create(`new ${created}`)
    assert.deepEqual([refused.status, refused.body], [503, UNAVAILABLE])
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
    assert.equal(await ready(), 503)

    let revoked = 0
    for (const { name, value } of keys) {
      const answer = await request('DELETE', `/api-keys/${encodeURIComponent(name)}`, token, { organization })
      const { status } = await request('GET', '/api-keys/current', value)
      assert.equal(status, answer.status === 204 ? 401 : 200, `${name}: ${answer.text}`)
      if (answer.status !== 204) {
        assert.deepEqual([answer.status, answer.body], [503, UNAVAILABLE])
        break
      }
      revoked += 1
    }
    t.diagnostic(`${created} keys were created and ${revoked} revoked after the disk was full`)

    await database.$client`DROP TABLE filler`
    await sql.unsafe('CHECKPOINT')
    const rest = keys[revoked] ?? keys[0]
    if (revoked < keys.length && rest) {
      const { status } = await request('DELETE', `/api-keys/${encodeURIComponent(rest.name)}`, token, { organization })
      assert.equal(status, 204)
    }
    assert.equal((await create('afterwards')).status, 201)
    await waitFor(async () => (await ready()) === 200)
  })
})

describe('a full NOTIFY queue', () => {
  it('refuses changes with 503, and fails readiness, the metric and the doctor until it has space', async (t) => {
    const scope = reversed(t)
    const { url, sql, at } = await ownServer(scope, { max_notify_queue_pages: '64' })
    await migrate(url)
    const port = await freePort()
    const { request, person, api } = await world(scope, { METRICS_PORT: String(port) }, at(url))
    const ada = await person()
    const { value: token } = await ada.token()
    const organization = ada.personalOrganizationId
    const key = await ada.key(organization, ['read:sandboxes'], { name: 'key' })
    const create = () =>
      request('POST', '/api-keys', token, { organization, body: { name: 'new', permissions: ['read:sandboxes'] } })
    const revoke = () => request('DELETE', '/api-keys/key', token, { organization })
    const ready = async () => (await fetch(`${api.url}/health/ready`)).status
    const usage = async () =>
      (await scrape(port)).value('database_notification_queue_usage{service="api"}') ?? Number.NaN
    const doctor = async () => {
      const program = fileURLToPath(new URL('../../ops/src/main.ts', import.meta.url))
      const secrets = { SIGNING_KEYS_SECRET: 's'.repeat(32), COOKIE_KEYS: 'c'.repeat(32) }
      const env = { ...process.env, DATABASE_URL: url, ISSUER: api.url.replace('127.0.0.1', 'localhost'), ...secrets }
      const { stdout } = await run(process.execPath, [program, 'doctor'], { env }).catch(
        (error: { stdout: string }) => error,
      )
      return /^(\w+) +notifications: .*$/m.exec(stdout)?.[1] ?? stdout
    }
    assert.equal(await ready(), 200)
    await waitFor(async () => (await usage()) < 0.1)
    assert.equal(await doctor(), 'ok')

    // A listening session in an open transaction keeps all later notifications in the queue.
    const { $client: slow } = connect(url, { max: 1, applicationName: 'daytona-auth-test' })
    scope.after(() => slow.end({ timeout: 1 }))
    await slow.unsafe('LISTEN daytona_auth_test')
    await slow.unsafe('BEGIN')
    await slow.unsafe('SELECT 1')
    await assert.rejects(
      async () => {
        for (let at = 0; ; at += 1) await sql`SELECT pg_notify('filler', ${`${at}`.padEnd(7900, 'x')})`
      },
      { code: '54000' },
    )
    for (const change of [create, revoke]) {
      const answer = await change()
      assert.deepEqual([answer.status, answer.body], [503, UNAVAILABLE])
      assert.ok(Number(answer.headers.get('retry-after')) > 0)
    }
    assert.equal((await request('GET', '/api-keys/current', key.value)).status, 200)
    assert.equal(await ready(), 503)
    await waitFor(async () => (await usage()) > 0.9)
    assert.equal(await doctor(), 'error')

    await slow.unsafe('COMMIT')
    await waitFor(async () => (await revoke()).status === 204)
    await waitFor(async () => (await request('GET', '/api-keys/current', key.value)).status === 401)
    assert.equal((await create()).status, 201)
    await waitFor(async () => (await ready()) === 200)
    await waitFor(async () => (await usage()) < 0.9)
    assert.equal(await doctor(), 'ok')
  })
})
