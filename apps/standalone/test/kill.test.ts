import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '@daytona-auth/testing'
import { credentialsIn, type Start, start, statusOf, temporary } from './standalone.ts'

const ROUNDS = 10
/** Of which so many are killed while they start. The others are killed at work. */
const STARTS = 5
/** A start takes about this long on a quiet machine, the first one included. */
const START_MS = 3_000

/** What was answered with success before a kill. */
interface Acknowledged {
  readonly made: Map<string, string>
  readonly deleted: string[]
}

it('keeps what it acknowledged after kill -9 of everything at any moment, the first run included', async (t) => {
  const dataDir = join(await temporary(t), '.data')
  const acknowledged: Acknowledged = { made: new Map(), deleted: [] }

  for (let round = 0; round < ROUNDS; round += 1) {
    const running = await start(t, { dataDir })
    if (round < STARTS) {
      // One moment in each fifth of a start, wherever in it.
      await delay(((round + Math.random()) / STARTS) * START_MS)
      await killEverything(running, dataDir)
    } else {
      await running.ready()
      await checkAll(running, dataDir, acknowledged)
      await killAtWork(running, dataDir, acknowledged)
    }
  }

  const last = await start(t, { dataDir })
  await last.ready()
  assert.ok(acknowledged.made.size > 0 && acknowledged.deleted.length > 0)
  t.diagnostic(`${acknowledged.made.size} keys made and ${acknowledged.deleted.length} deleted before kills`)
  await checkAll(last, dataDir, acknowledged)
})

async function killAtWork(running: Start, dataDir: string, acknowledged: Acknowledged) {
  const stop = new AbortController()
  const work = Promise.all([1, 2, 3].map((worker) => makeAndDelete(running, dataDir, acknowledged, stop, worker)))
  // However slow the machine is, there is something to lose.
  const before = acknowledged.deleted.length
  await waitFor(() => acknowledged.deleted.length > before, 30_000)
  await delay(Math.random() * 400)
  await killEverything(running, dataDir)
  stop.abort()
  await work
}

async function checkAll({ origin }: Start, dataDir: string, { made, deleted }: Acknowledged) {
  assert.equal(await statusOf(origin, (await credentialsIn(dataDir)).apiKey), 200)
  assert.deepEqual(await statusesOf(origin, made.values()), Array(made.size).fill(200))
  assert.deepEqual(await statusesOf(origin, deleted), Array(deleted.length).fill(401))
}

const statusesOf = (origin: string, keys: Iterable<string>) =>
  Promise.all([...keys].map((key) => statusOf(origin, key)))

/** Makes keys, and deletes every other one, until the server is gone. */
async function makeAndDelete(
  { origin, child }: Start,
  dataDir: string,
  { made, deleted }: Acknowledged,
  { signal }: AbortController,
  worker: number,
) {
  const { apiKey } = await credentialsIn(dataDir)
  const request = (path: string, init: RequestInit) =>
    fetch(origin + path, {
      ...init,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    })
  try {
    for (let count = 0; !signal.aborted; count += 1) {
      const name = `${child.pid}-${worker}-${count}`
      const body = JSON.stringify({ name, permissions: ['read:sandboxes'] })
      const created = await request('/api-keys', { method: 'POST', body })
      assert.equal(created.status, 201)
      const { value } = (await created.json()) as { value: string }
      made.set(name, value)
      if (count % 2 === 0) continue
      // From here on nobody knows, until the answer is there.
      made.delete(name)
      assert.equal((await request(`/api-keys/${name}`, { method: 'DELETE', body: '{}' })).status, 204)
      deleted.push(value)
    }
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error
    // The connection was cut by the kill: what was asked last was not acknowledged.
  }
}

/** The process and, half of the time, its PostgreSQL too, which would otherwise be stopped by its watchdog. */
async function killEverything({ child, ended }: Start, dataDir: string) {
  const pidFile = await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').catch(() => '')
  child.kill('SIGKILL')
  const server = Number(pidFile.split('\n')[0])
  if (isServerOf(server, dataDir) && Math.random() < 0.5) process.kill(server, 'SIGKILL')
  await ended
}

/** The file may be of an earlier round, and its number given to a stranger since. */
const isServerOf = (pid: number, dataDir: string) =>
  spawnSync('ps', ['-o', 'command=', '-p', String(pid)])
    .stdout.toString()
    .includes(join(dataDir, 'postgres'))
