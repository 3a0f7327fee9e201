import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { after, describe, it, type TestContext } from 'node:test'
import { tcpProxy, waitFor } from '@daytona-auth/testing'
import { mintKey } from '../src/credential/api-key.ts'
import { isDenied } from '../src/principal/result.ts'
import { ADDRESS, claimsOf, sign, type TestVerifier, verifierOn, world } from './world.ts'

/** Less than the published bound, and long enough for a heartbeat on a busy machine. */
const STALE_AFTER_MS = 800
const LISTEN = { heartbeatMs: 50, staleAfterMs: STALE_AFTER_MS }
const here = await world({ after })
const signer = await here.signer()
await here.publish(signer)
const owner = await here.user()
const home = await here.organization(owner)

async function state({ verifier }: TestVerifier, credential: string): Promise<string> {
  const answer = await verifier.verify(credential, ADDRESS)
  return isDenied(answer) ? answer.reason : 'accepted'
}

const isWarm = ({ verifier }: TestVerifier, credential: string) =>
  !(verifier.verify(credential, ADDRESS) instanceof Promise)

async function warmKey(process: TestVerifier) {
  const key = await here.key(owner, home)
  await process.caughtUp()
  await waitFor(async () => (await state(process, key.key)) === 'accepted' && isWarm(process, key.key))
  return key
}

const revoke = (id: string) => here.sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${id}`

/** A process whose channel, pool or both go through a network that can fail. */
async function behindProxy(t: TestContext, what: 'channel' | 'pool' | 'both', timeoutMs = 2000) {
  const proxy = await tcpProxy(t, here.url)
  const listen = what === 'pool' ? {} : { ...LISTEN, url: proxy.url }
  const process = await verifierOn(t, what === 'channel' ? here.url : proxy.url, { listen, timeoutMs })
  return { proxy, process }
}

describe('a process that loses the channel', () => {
  it('clears its cache and uses it again after its backend was terminated', async (t) => {
    const process = await verifierOn(t, here.url, { listen: LISTEN })
    const { key, id } = await warmKey(process)
    const resets = new Promise((resolve) => process.channel.subscribe(({ kind }) => kind === 'reset' && resolve(true)))
    await here.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'daytona-auth channel'`
    await revoke(id)
    await resets
    assert.equal(await state(process, key), 'revoked')
    const { key: another, id: anotherId } = await warmKey(process)
    await revoke(anotherId)
    await waitFor(async () => (await state(process, another)) === 'revoked')
  })

  it('accepts no stale credential past the bound when its stream is stalled', async (t) => {
    const { proxy, process } = await behindProxy(t, 'channel')
    const { key, id } = await warmKey(process)
    proxy.stall()
    await revoke(id)
    const committedAt = performance.now()
    // When the verification began: how long it took depends on the machine.
    let lastAcceptedMs = Number.NEGATIVE_INFINITY
    await waitFor(async () => {
      const askedMs = performance.now() - committedAt
      const answer = await state(process, key)
      if (answer === 'accepted') lastAcceptedMs = askedMs
      return answer === 'revoked'
    })
    assert.ok(lastAcceptedMs <= STALE_AFTER_MS, `accepted ${lastAcceptedMs} ms after`)
    assert.equal(await state(process, key), 'revoked', 'and not again')
  })

  it('still accepts valid credentials while the channel is stale, by reading the database each time', async (t) => {
    const { proxy, process } = await behindProxy(t, 'channel')
    const { key, id } = await warmKey(process)
    proxy.stall()
    await waitFor(() => !process.channel.isFresh())
    for (let round = 0; round < 5; round++) {
      assert.ok(!isWarm(process, key))
      assert.equal(await state(process, key), 'accepted')
    }
    await revoke(id)
    assert.equal(await state(process, key), 'revoked', 'the next request already')
  })

  it('reads once for concurrent requests while the channel is stale', async (t) => {
    const { proxy, process } = await behindProxy(t, 'channel')
    const { key } = await warmKey(process)
    proxy.stall()
    await waitFor(() => !process.channel.isFresh())
    const answers = await Promise.all(Array.from({ length: 20 }, () => process.verifier.verify(key, ADDRESS)))
    assert.equal(new Set(answers).size, 1)
  })

  it('does not limit a known key from an address with many unknown ones while the channel is stale', async (t) => {
    const proxy = await tcpProxy(t, here.url)
    const process = await verifierOn(t, here.url, {
      listen: { ...LISTEN, url: proxy.url },
      unknownPerMinute: 1,
      lookUpsPerSecond: 1,
    })
    const { key } = await warmKey(process)
    for (let round = 0; round < 5; round++) await process.verifier.verify(mintKey().key, ADDRESS)
    proxy.stall()
    await waitFor(() => !process.channel.isFresh())
    for (let round = 0; round < 5; round++) assert.equal(await state(process, key), 'accepted')
  })

  it('receives what it missed when the stream continues, and uses its cache again', async (t) => {
    const { proxy, process } = await behindProxy(t, 'channel')
    const { key, id } = await warmKey(process)
    proxy.stall()
    await waitFor(() => !process.channel.isFresh())
    await revoke(id)
    proxy.pass()
    await waitFor(() => process.channel.isFresh())
    assert.equal(await state(process, key), 'revoked')
    await warmKey(process)
  })
})

describe('a process that loses the database', () => {
  it('serves cached credentials within the bound, then 503, and recovers', async (t) => {
    const { proxy, process } = await behindProxy(t, 'both')
    const { key } = await warmKey(process)
    proxy.refuse()
    const seen = new Set<string>()
    await waitFor(async () => {
      const reason = await state(process, key)
      seen.add(reason)
      return reason === 'unavailable'
    })
    assert.deepEqual(
      [...seen].filter((reason) => reason !== 'accepted' && reason !== 'unavailable'),
      [],
      'never a 401 for a good key',
    )
    assert.deepEqual(await process.verifier.verify(key, ADDRESS), {
      kind: 'denied',
      statusCode: 503,
      credential: 'api-key',
      reason: 'unavailable',
      description: null,
      key: null,
      retryAfterSeconds: 1,
    })
    proxy.pass()
    await waitFor(async () => (await state(process, key)) === 'accepted')
    await waitFor(() => isWarm(process, key))
  })

  it('answers 503 for a key that is not cached, and does not cache that', async (t) => {
    const { proxy, process } = await behindProxy(t, 'pool')
    const { key } = await here.key(owner, home)
    await process.caughtUp()
    proxy.refuse()
    assert.equal(await state(process, key), 'unavailable')
    assert.equal(await state(process, mintKey().key), 'unavailable')
    proxy.pass()
    await waitFor(async () => (await state(process, key)) === 'accepted')
  })

  it('answers 503 for a token, with its kind', async (t) => {
    const { proxy, process } = await behindProxy(t, 'pool')
    const clientId = await here.client()
    const grantId = await here.grant(owner, clientId, { organizationIds: [home] })
    const token = await sign(signer, claimsOf({ userId: owner, clientId, grantId }))
    proxy.refuse()
    const answer = await process.verifier.verify(token, ADDRESS)
    assert.ok(isDenied(answer))
    assert.deepEqual([answer.statusCode, answer.credential, answer.retryAfterSeconds], [503, 'token', 1])
  })

  it('answers 503 while the database does not answer', async (t) => {
    const { proxy, process } = await behindProxy(t, 'pool', 200)
    const { key } = await here.key(owner, home)
    proxy.stall()
    // While it does not answer, only the limit of time ends the look-up.
    assert.equal(await state(process, key), 'unavailable')
    proxy.pass()
    await waitFor(async () => (await state(process, key)) === 'accepted')
  })

  it('uses a restored database although its old connections are silent', async (t) => {
    const proxy = await droppingProxy(t)
    const process = await verifierOn(t, proxy.url, { listen: { url: here.url }, timeoutMs: 500 })
    const { key } = await here.key(owner, home)
    await waitFor(async () => (await state(process, mintKey().key)) === 'unknown')
    proxy.dropConnections()
    assert.equal(await state(process, key), 'unavailable')
    await waitFor(async () => (await state(process, key)) === 'accepted')
  })

  it('opens no more connections than its pool has while a table is locked', async (t) => {
    // A database without backends of other tests.
    const apart = await world(t)
    // The database gives a statement up long before the pool gives its connection up, on a machine under load too.
    const process = await verifierOn(t, apart.url, { timeoutMs: 1500, settings: { statement_timeout: '200ms' } })
    const until = performance.now() + 4000
    let most = 0
    await apart.sql.begin(async (tx) => {
      await tx`LOCK TABLE api_keys, api_key_secrets IN ACCESS EXCLUSIVE MODE`
      while (performance.now() < until) {
        await Promise.all(Array.from({ length: 20 }, () => state(process, mintKey().key)))
        const [row] = await tx`SELECT count(*)::int AS n FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'auth test'`
        most = Math.max(most, row?.['n'])
      }
    })
    assert.ok(most > 0 && most <= 4, `${most} backends`)
    await waitFor(async () => (await state(process, mintKey().key)) === 'unknown')
  })

  it('still serves cached credentials while only its pool is cut off', async (t) => {
    const { proxy, process } = await behindProxy(t, 'pool', 200)
    const { key } = await warmKey(process)
    proxy.stall()
    for (let round = 0; round < 5; round++) assert.ok(isWarm(process, key))
  })
})

describe('a revocation that commits while the answer is in transit', () => {
  it('is not undone by the answer, which was valid when it was read', async (t) => {
    const { proxy, process } = await behindProxy(t, 'pool')
    const { key, id } = await here.key(owner, home)
    await state(process, mintKey().key) // a connection is there and the statement prepared
    await process.caughtUp()
    proxy.pass(150)
    const [clock] = await here.sql`SELECT clock_timestamp()::text AS now`
    const early = process.verifier.verify(key, ADDRESS)
    // The request takes 150 ms to the database, and the answer 150 ms back: this is the moment between.
    await waitFor(async () => {
      const [row] = await here.sql`SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'auth test' AND state = 'idle' AND state_change > ${clock?.['now']}::timestamptz`
      return row?.['n'] > 0
    })
    await revoke(id)
    await waitFor(async () => (await state(process, key)) === 'revoked')
    assert.equal((await early).kind, 'api-key')
    assert.equal(await state(process, key), 'revoked')
  })
})

/** Forwards until `dropConnections`: from then on open connections carry nothing, and new ones work. */
async function droppingProxy(t: TestContext) {
  const { hostname, port } = new URL(here.url)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port) })
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}))
    client.pipe(upstream).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  assert.ok(address && typeof address === 'object')
  const url = new URL(here.url)
  url.port = String(address.port)
  return {
    url: url.href,
    dropConnections() {
      for (const socket of sockets) socket.unpipe().pause()
    },
  }
}
