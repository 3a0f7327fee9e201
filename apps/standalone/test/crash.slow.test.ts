import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '@daytona-auth/testing'
import {
  createTempDirectory,
  fetchStatus,
  readCredentials,
  type StandaloneProcess,
  startStandalone,
} from './standalone.ts'

const ROUNDS = 10
/** Rounds that are terminated during startup. The others are terminated under load. */
const STARTUP_ROUNDS = 5
/** Approximate duration of a start on an idle machine, the first one included. */
const STARTUP_MS = 3_000

/** The requests that were acknowledged before a termination. */
interface Acknowledged {
  readonly created: Map<string, string>
  readonly deleted: string[]
}

it('keeps every acknowledged change after SIGKILL of all processes at any moment, the first run included', async (t) => {
  const dataDir = join(await createTempDirectory(t), '.data')
  const acknowledged: Acknowledged = { created: new Map(), deleted: [] }

  for (let round = 0; round < ROUNDS; round += 1) {
    const running = await startStandalone(t, { dataDir })
    if (round < STARTUP_ROUNDS) {
      // A random moment in each fifth of a start.
      await delay(((round + Math.random()) / STARTUP_ROUNDS) * STARTUP_MS)
      await terminateAll(running, dataDir)
    } else {
      await running.ready()
      await checkAll(running, dataDir, acknowledged)
      await terminateUnderLoad(running, dataDir, acknowledged)
    }
  }

  const last = await startStandalone(t, { dataDir })
  await last.ready()
  assert.ok(acknowledged.created.size > 0 && acknowledged.deleted.length > 0)
  t.diagnostic(
    `${acknowledged.created.size} keys created and ${acknowledged.deleted.length} deleted before terminations`,
  )
  await checkAll(last, dataDir, acknowledged)
})

async function terminateUnderLoad(running: StandaloneProcess, dataDir: string, acknowledged: Acknowledged) {
  const stop = new AbortController()
  const work = Promise.all([1, 2, 3].map((worker) => createAndDelete(running, dataDir, acknowledged, stop, worker)))
  // Even on a slow machine, something was acknowledged that can be lost.
  const before = acknowledged.deleted.length
  await waitFor(() => acknowledged.deleted.length > before, 30_000)
  await delay(Math.random() * 400)
  await terminateAll(running, dataDir)
  stop.abort()
  await work
}

async function checkAll(
  { origin }: StandaloneProcess,
  dataDir: string,
  { created: createdKeys, deleted }: Acknowledged,
) {
  assert.equal(await fetchStatus(origin, (await readCredentials(dataDir)).apiKey), 200)
  assert.deepEqual(await fetchStatuses(origin, createdKeys.values()), Array(createdKeys.size).fill(200))
  assert.deepEqual(await fetchStatuses(origin, deleted), Array(deleted.length).fill(401))
}

const fetchStatuses = (origin: string, keys: Iterable<string>) =>
  Promise.all([...keys].map((key) => fetchStatus(origin, key)))

/** Makes keys, and deletes every other one, until the server is gone. */
async function createAndDelete(
  { origin, child }: StandaloneProcess,
  dataDir: string,
  { created: createdKeys, deleted }: Acknowledged,
  { signal }: AbortController,
  worker: number,
) {
  const { apiKey } = await readCredentials(dataDir)
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
      createdKeys.set(name, value)
      if (count % 2 === 0) continue
      // Its state is unknown until the response arrives.
      createdKeys.delete(name)
      assert.equal((await request(`/api-keys/${name}`, { method: 'DELETE', body: '{}' })).status, 204)
      deleted.push(value)
    }
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error
    // SIGKILL closed the connection: the last request was not acknowledged.
  }
}

/** Terminates the process and, in half of the cases, its PostgreSQL, which its watchdog would stop otherwise. */
async function terminateAll({ child, ended }: StandaloneProcess, dataDir: string) {
  const pidFile = await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').catch(() => '')
  child.kill('SIGKILL')
  const server = Number(pidFile.split('\n')[0])
  if (isServerOf(server, dataDir) && Math.random() < 0.5) process.kill(server, 'SIGKILL')
  await ended
}

/** The file may be of an earlier round, and the system may have reused its process id. */
const isServerOf = (pid: number, dataDir: string) =>
  spawnSync('ps', ['-o', 'command=', '-p', String(pid)])
    .stdout.toString()
    .includes(join(dataDir, 'postgres'))
