import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import postgres from 'postgres'
import { findInstalledBinaries, prepareBinaries } from './binaries.ts'
import { startEmbeddedPostgres } from './embedded.ts'

const PASSWORD = 'correct horse'
const isRoot = process.getuid?.() === 0
const NOBODY = 65534

describe('startEmbeddedPostgres', () => {
  let place: string
  let running: Served
  const tidyUps: (() => unknown)[] = []
  const suite: Scope = { after: (tidyUp) => tidyUps.unshift(tidyUp) }
  before(async () => {
    place = await temporary(suite)
    running = await serve(suite, placesIn(place))
  })
  after(async () => {
    for (const tidyUp of tidyUps) await tidyUp()
  })

  it('refuses a data directory that another process serves', async () => {
    await assert.rejects(startEmbeddedPostgres(optionsFor(place)), {
      name: 'EmbeddedPostgresError',
      message: /is in use by another process: stop that one first$/,
    })
  })

  it('refuses a wrong password', async () => {
    const url = new URL(running.url)
    url.password = 'wrong'
    await assert.rejects(query(url.href, 'SELECT 1'), { message: 'password authentication failed for user "postgres"' })
  })

  it('reports why the data directory cannot be created', async (t) => {
    const closed = join(await temporary(t), 'closed')
    await mkdir(closed, { mode: 0o555 })
    const child = start({ dataDir: join(closed, 'postgres'), sharedDir: closed }, isRoot ? NOBODY : undefined)
    const [answer] = await once(child, 'message')
    assert.match(answer, /EACCES: permission denied, mkdir/)
  })

  it('listens on 127.0.0.1 only, keeps UTF-8 in code point order, and hides the password', async () => {
    const [row] = await query(
      running.url,
      `SELECT current_setting('listen_addresses') AS addresses, current_setting('unix_socket_directories') AS sockets,
              current_setting('password_encryption') AS hash, current_setting('fsync') AS fsync,
              pg_encoding_to_char(encoding) AS encoding, datlocprovider AS provider, datlocale AS locale, lower('ÄÖ') AS lower
       FROM pg_database WHERE datname = current_database()`,
    )
    assert.deepEqual(row, {
      addresses: '127.0.0.1',
      sockets: '',
      hash: 'scram-sha-256',
      fsync: 'on',
      encoding: 'UTF8',
      provider: 'b',
      locale: 'C.UTF-8',
      lower: 'äö',
    })
    assert.ok(!execFileSync('ps', ['-eo', 'command']).includes(PASSWORD))
    assert.equal((await stat(join(place, 'postgres'))).mode & 0o777, 0o700)
  })

  it('keeps committed data after kill -9 of any of its processes, and leaves no process running', async () => {
    await query(running.url, 'CREATE TABLE kept (after_end_of text)')
    for (const victims of [
      ['starter'],
      ['starter', 'watchdog', 'server'],
      ['starter', 'watchdog'], // the server continues without an owner
      ['server', 'starter'],
      ['watchdog', 'starter'],
    ] as const) {
      await query(running.url, `INSERT INTO kept VALUES ('${victims}')`)
      const server = Number((await readFile(pidFileIn(place), 'utf8')).split('\n')[0])
      const watchdog = Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(server)]))
      const pids = { starter: running.child.pid ?? 0, watchdog, server }
      const exited = once(running.child, 'exit')
      for (const victim of victims) process.kill(pids[victim], 'SIGKILL')
      await exited
      running = await serve(suite, placesIn(place))
      const last = await query(running.url, 'SELECT after_end_of AS found FROM kept')
      assert.deepEqual(last.at(-1), { found: String(victims) })
      assert.match(stateOf(server), /^Z?$/)
    }
  })

  it('ends with the process that started it', async () => {
    running.child.kill('SIGKILL')
    const end = performance.now() + 60_000
    while (await lstat(pidFileIn(place)).catch(() => undefined)) {
      assert.ok(performance.now() < end, 'the server is still there')
      await delay(20)
    }
  })

  it('starts again after it was terminated while it created the cluster', async (t) => {
    const place = await temporary(t)
    for (const ms of [200, 500, 800]) {
      const child = start(placesIn(place))
      await Promise.race([delay(ms), once(child, 'message')])
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const { url } = await serve(t, placesIn(place))
    assert.deepEqual(await query(url, 'SELECT 1 AS up'), [{ up: 1 }])
    const left = await readdir(join(place, 'postgres'))
    assert.deepEqual(left.filter((name) => name.startsWith('initialising-')).length <= 1, true)
  })
})

describe('startEmbeddedPostgres as root', { skip: !isRoot && 'only root can show it' }, () => {
  it('keeps the data elsewhere if only root may enter, with a link to them', async (t) => {
    const place = await temporary(t)
    const home = join(place, 'root')
    await mkdir(home, { mode: 0o700 })
    const places = { ...placesIn(place), dataDir: join(home, '.data/postgres') }
    const first = await serve(t, places)
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    const target = await readlink(places.dataDir)
    assert.match(target, new RegExp(`^${join(place, 'shared')}/data-[0-9a-f]{16}$`))
    assert.equal((await stat(target)).mode & 0o777, 0o700)
    assert.notEqual((await stat(target)).uid, 0)
    await stop(first.child)
    const second = await serve(t, places)
    assert.deepEqual(await query(second.url, 'SELECT answer FROM kept'), [{ answer: 42 }])
  })

  it('reports that the data behind the link no longer exist', async (t) => {
    const place = await temporary(t)
    await rm(join(place, 'shared'), { recursive: true, force: true })
    execFileSync('ln', ['-s', join(place, 'shared/data-1'), join(place, 'postgres')])
    await assert.rejects(startEmbeddedPostgres(optionsFor(place)), {
      message: `${join(place, 'postgres')} points to data that are gone: restore them, or remove it to start with an empty database`,
    })
  })

  it('runs a copy of the binaries if the account cannot access the installed ones', async (t) => {
    const place = await temporary(t)
    const hidden = join(place, 'hidden/package')
    await mkdir(hidden, { recursive: true })
    execFileSync('cp', ['-R', join(findInstalledBinaries(), '..', 'package.json'), findInstalledBinaries(), hidden])
    execFileSync('chmod', ['-R', 'go=', join(place, 'hidden')])
    const account = { uid: NOBODY, gid: NOBODY }
    const shared = join(place, 'shared')
    const copies = await Promise.all([1, 2].map(() => prepareBinaries(account, join(hidden, 'native'), shared)))
    assert.equal(copies[0], copies[1])
    assert.deepEqual(await readdir(shared), [`postgresql-${copies[0]?.split('postgresql-')[1]}`])
    const output = execFileSync(join(String(copies[0]), 'bin/initdb'), ['--version'], {
      uid: NOBODY,
      gid: NOBODY,
      cwd: '/',
    })
    assert.match(String(output), /^initdb \(PostgreSQL\) 18/)
  })

  it('does not change the owner of the data of an ordinary user', async (t) => {
    const place = await temporary(t)
    await chown(place, NOBODY, NOBODY)
    const own = await serve(t, placesIn(place), NOBODY)
    await query(own.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await stop(own.child)
    const asRoot = await serve(t, placesIn(place))
    assert.deepEqual(await query(asRoot.url, 'SELECT answer FROM kept'), [{ answer: 42 }])
    assert.equal((await stat(join(place, 'postgres'))).uid, NOBODY)
  })
})

interface Scope {
  after(tidyUp: () => unknown): void
}

interface Served {
  child: ChildProcess
  url: string
}

interface Places {
  dataDir: string
  sharedDir: string
}

const placesIn = (place: string): Places => ({ dataDir: join(place, 'postgres'), sharedDir: join(place, 'shared') })
const pidFileIn = (place: string) => join(place, 'postgres/cluster/postmaster.pid')
const optionsFor = (place: string) => ({ ...placesIn(place), password: PASSWORD })

async function temporary(t: Scope) {
  const place = await mkdtemp(join(tmpdir(), 'daytona-auth-embedded-'))
  await chmod(place, 0o711)
  t.after(() => rm(place, { recursive: true, force: true, maxRetries: 5 }))
  return place
}

function start({ dataDir, sharedDir }: Places, uid?: number): ChildProcess {
  const script = join(import.meta.dirname, 'fixtures/serve.ts')
  return fork(script, [dataDir, sharedDir], uid === undefined ? {} : { uid, gid: uid, cwd: '/' })
}

/** Starts a server in another process, which ends with the test. */
async function serve(t: Scope, places: Places, uid?: number): Promise<Served> {
  const child = start(places, uid)
  const [url] = await once(child, 'message', { signal: AbortSignal.timeout(120_000) })
  assert.match(url, /^postgres:\/\//)
  t.after(() => stop(child))
  return { child, url: String(url) }
}

async function stop(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

/** Empty for a process that no longer exists; Z for a zombie. */
function stateOf(pid: number) {
  return spawnSync('ps', ['-o', 'stat=', '-p', String(pid)])
    .stdout.toString()
    .charAt(0)
}

async function query(url: string, statement: string) {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return [...(await sql.unsafe(statement))]
  } finally {
    await sql.end({ timeout: 1 })
  }
}
