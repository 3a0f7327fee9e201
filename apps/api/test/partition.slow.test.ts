import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '@daytona-auth/testing'
import { type ProcessOptions, startProcess } from './api-process.ts'
import { world } from './world.ts'

/** The published bound: how long a revocation may have no effect in the worst partition. */
const BOUND_MS = 3000

interface CutOff {
  /** The status of a request with this key that needs only verification. */
  ask(key: string): Promise<number>
  /** The status of a request that queries the database. */
  list(key: string): Promise<number>
}

async function startCutOff(t: TestContext, options: ProcessOptions): Promise<CutOff> {
  const { url } = await startProcess(t, options)
  const get = async (path: string, key: string) => {
    const response = await fetch(url + path, { headers: { authorization: `Bearer ${key}` } })
    await response.arrayBuffer()
    return response.status
  }
  return { ask: (key) => get('/users/me', key), list: (key) => get('/sandbox', key) }
}

/** Sends requests without a pause. Returns when, after `since`, the last accepted one was sent, and the later statuses. */
async function lastAccepted(api: CutOff, key: string, since: number) {
  let lastAcceptedMs = Number.NEGATIVE_INFINITY
  const later = new Set<number>()
  while (performance.now() - since < BOUND_MS + 1500) {
    const askedMs = performance.now() - since
    const status = await api.ask(key)
    if (status === 200) {
      lastAcceptedMs = askedMs
      later.clear()
    } else later.add(status)
    await delay(5)
  }
  return { lastAcceptedMs, later: [...later] }
}

describe('a process with a stale invalidation channel', () => {
  it('accepts no revoked key past the bound when the backend it listens on is stopped', async (t) => {
    const { url, database, person, request } = await world(t)
    const owner = await person()
    const organization = await owner.organization()
    const key = await owner.key(organization, ['read:sandboxes'])
    const cut = await startCutOff(t, { databaseUrl: url })
    assert.equal(await cut.ask(key.value), 200)

    const listeners = await database.$client<{ pid: number }[]>`
      SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'listen%'`
    assert.ok(listeners.length >= 2, 'both processes listen')
    for (const { pid } of listeners) process.kill(pid, 'SIGSTOP')
    // Clean-up waits for these backends, so they are resumed first.
    using resumed = new DisposableStack()
    for (const { pid } of listeners) resumed.defer(() => process.kill(pid, 'SIGCONT'))

    const token = await owner.token()
    assert.equal((await request('DELETE', `/api-keys/${key.name}`, token.value, { organization })).status, 204)
    assert.equal((await request('GET', '/sandbox', key.value)).status, 401, 'the answering process refuses it at once')
    const { lastAcceptedMs, later } = await lastAccepted(cut, key.value, performance.now())
    t.diagnostic(`last accepted request ${Math.round(lastAcceptedMs)} ms after the revocation`)
    assert.ok(lastAcceptedMs <= BOUND_MS, `accepted ${lastAcceptedMs} ms after`)
    assert.deepEqual(later, [401])
  })

  it('accepts no revoked key past the bound when the network drops every packet, and recovers by itself', async (t) => {
    if (!canMakeNamespaces()) return t.skip('needs root and iproute2 to make a network namespace')
    const { url, person, request } = await world(t)
    const owner = await person()
    const organization = await owner.organization()
    const key = await owner.key(organization, ['read:sandboxes'])
    const network = await otherHost(t, url)
    const cut = await startCutOff(t, {
      command: ['ip', 'netns', 'exec', network.name],
      host: network.address,
      databaseUrl: network.databaseUrl,
    })
    assert.equal(await cut.ask(key.value), 200)

    const token = await owner.token()
    network.drop()
    const hanging = cut.list(key.value)
    assert.equal((await request('DELETE', `/api-keys/${key.name}`, token.value, { organization })).status, 204)
    const { lastAcceptedMs, later } = await lastAccepted(cut, key.value, performance.now())
    t.diagnostic(
      `last accepted request ${Math.round(lastAcceptedMs)} ms after the revocation, then ${later.join(', ')}`,
    )
    assert.ok(lastAcceptedMs <= BOUND_MS, `accepted ${lastAcceptedMs} ms after`)
    assert.deepEqual(later, [503])

    assert.equal(await hanging, 503, 'a request to a hanging database times out')

    network.restore()
    await waitFor(async () => (await cut.ask(key.value)) === 401)
  })
})

function canMakeNamespaces(): boolean {
  try {
    execFileSync('ip', ['netns', 'list'], { stdio: 'ignore' })
    return process.getuid?.() === 0
  } catch {
    return false
  }
}

/** Creates a network namespace with two links: one to the database, which can be cut, and one to the test. */
async function otherHost(t: TestContext, databaseUrl: string) {
  const name = `auth${process.pid}`
  const net = `10.231.${process.pid % 250}`
  const ip = (...args: string[]) => execFileSync('ip', args)
  const inside = (...args: string[]) => ip('netns', 'exec', name, 'ip', ...args)
  ip('netns', 'add', name)
  t.after(() => ip('netns', 'del', name)) // removes its ends of the links, and thereby ours
  for (const [cable, ours, theirs] of [
    ['d', 1, 2],
    ['c', 5, 6],
  ] as const) {
    ip('link', 'add', `${name}${cable}`, 'type', 'veth', 'peer', 'name', `${cable}0`, 'netns', name)
    ip('addr', 'add', `${net}.${ours}/30`, 'dev', `${name}${cable}`)
    ip('link', 'set', `${name}${cable}`, 'up')
    inside('addr', 'add', `${net}.${theirs}/30`, 'dev', `${cable}0`)
    inside('link', 'set', `${cable}0`, 'up')
  }
  inside('link', 'set', 'lo', 'up')

  // PostgreSQL listens only on loopback: this forwards its address on the link.
  const { hostname, port } = new URL(databaseUrl)
  const door = createServer((socket) => {
    const upstream = connect(Number(port), hostname)
    socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy())
    upstream.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.pipe(upstream).pipe(socket)
  })
  door.listen(0, `${net}.1`)
  await once(door, 'listening')
  t.after(() => door.close())
  const address = door.address()
  assert.ok(address !== null && typeof address === 'object')
  const target = new URL(databaseUrl)
  target.hostname = address.address
  target.port = String(address.port)

  return {
    name,
    address: `${net}.6`,
    databaseUrl: target.href,
    /** From now on packets on the link are dropped silently. */
    drop: () => ip('link', 'set', `${name}d`, 'down'),
    restore: () => ip('link', 'set', `${name}d`, 'up'),
  }
}
