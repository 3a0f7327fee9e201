import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { createLogger } from '@daytona-auth/service'
import { captureLog, freePort, type RedisServer, redisMissing, redisServer, waitFor } from '@daytona-auth/testing'
import { loadApiConfig } from '../src/config.ts'
import { type RunningApi, startApi } from '../src/start.ts'
import { ISSUER, type TestKey, type World, world } from './world.ts'

const LIMIT = 400
const CREATIONS = 20
/** All requests in one clock minute. */
const instant = Date.now()

interface Instance {
  readonly api: RunningApi
  warnings(): unknown[]
  metric(name: string): Promise<number>
}

describe('two APIs on one Redis', { skip: redisMissing() }, () => {
  const tidyUps: (() => unknown)[] = []
  const scope = { after: (tidyUp: () => unknown) => tidyUps.unshift(tidyUp) }
  let shared: World
  let redis: RedisServer
  let here: Instance
  let there: Instance
  let key: () => Promise<TestKey>
  let organization: string

  before(async () => {
    shared = await world(scope)
    redis = await redisServer(scope)
    ;[here, there] = await Promise.all([start(), start()])
    await Promise.all([here, there].map(isConnected))
    const ada = await shared.person()
    const owned = await ada.organization()
    organization = owned
    key = () => ada.key(owned, ['read:sandboxes', 'write:sandboxes'])
  })
  after(async () => {
    for (const tidyUp of tidyUps) await tidyUp()
  })

  async function start(): Promise<Instance> {
    const metricsPort = await freePort()
    const log = captureLog()
    const config = loadApiConfig({
      DATABASE_URL: shared.url,
      ISSUER,
      PORT: '0',
      METRICS_PORT: String(metricsPort),
      REDIS_URL: redis.url,
      REQUESTS_PER_MINUTE: String(LIMIT),
      SANDBOX_CREATIONS_PER_MINUTE: String(CREATIONS),
    })
    const logger = createLogger({ service: 'api', stream: log.stream })
    const api = await startApi(config, { logger, now: () => instant })
    scope.after(() => api.close())
    return {
      api,
      warnings: () => log.lines().filter(({ msg }) => String(msg).includes('Redis does not serve')),
      async metric(name) {
        const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
        return Number(new RegExp(`^${name}\\{[^}]*\\} (\\d+)$`, 'm').exec(text)?.[1])
      },
    }
  }

  const isConnected = ({ metric }: Instance) => waitFor(async () => (await metric('shared_limits_connected')) === 1)

  /** Undefined if it was refused by the limit. */
  async function remaining({ api }: Instance, { value }: TestKey): Promise<number | undefined> {
    const { status, headers } = await shared.request('GET', '/sandbox', value, { api })
    assert.ok(status === 200 || status === 429, String(status))
    assert.equal(headers.get('x-ratelimit-limit'), String(LIMIT))
    return status === 200 ? Number(headers.get('x-ratelimit-remaining')) : undefined
  }

  it('report the remaining requests of both to a client', async () => {
    const used = await key()
    for (let asked = 1; asked <= 10; asked += 1) assert.equal(await remaining(here, used), LIMIT - asked)
    let asked = 10
    await waitFor(async () => {
      asked += 1
      return (await remaining(there, used)) === LIMIT - asked
    })
    await waitFor(async () => {
      asked += 1
      return (await remaining(here, used)) === LIMIT - asked
    })
  })

  it('admit as many requests as one API, plus those of two synchronizations', async (t) => {
    const used = await key()
    let admitted = 0
    const client = async (instance: Instance) => {
      while ((await remaining(instance, used)) !== undefined) admitted += 1
    }
    await Promise.all([client(here), client(here), client(there), client(there)])
    t.diagnostic(`${admitted} of ${LIMIT}`)
    // How many that is depends on the machine. Without a synchronization each of the two admits the limit.
    assert.ok(admitted >= LIMIT && admitted < 2 * LIMIT, String(admitted))
    assert.deepEqual([await remaining(here, used), await remaining(there, used)], [undefined, undefined])
  })

  it('also share the counts of creations per organization', async () => {
    const { value } = await key()
    const create = async ({ api }: Instance) =>
      (await shared.request('POST', '/sandbox', value, { api, body: {} })).status
    for (let made = 1; made < CREATIONS; made += 1) assert.equal(await create(here), 200)
    await waitFor(async () => (await redis.ask(`KEYS *:sandboxes:*:${organization}`)).startsWith('*1'))
    await create(there)
    await waitFor(async () => (await create(there)) === 429)
    await waitFor(async () => (await create(here)) === 429)
  })

  it('store no credential in Redis', async () => {
    const used = await key()
    await remaining(here, used)
    await waitFor(async () => (await redis.ask('KEYS *')).includes(used.id))
    const [digest] = await shared.database
      .$client`SELECT encode(digest, 'hex') AS hex FROM api_key_secrets WHERE key_id = ${used.id}`
    const keys = await redis.ask('KEYS *')
    assert.ok(digest && !keys.includes(digest['hex']) && !keys.includes(KEY_PREFIX))
    for (const name of keys.match(/daytona-auth:\S+/g) ?? []) {
      assert.match(name, /^daytona-auth:(probe|limit:(requests|sandboxes):\d+:(key|org)_[0-9a-z]{26})$/)
    }
  })

  it('answer as fast while Redis hangs, and count alone while it is down', async (t) => {
    const used = await key()
    const warned = () => here.warnings().length + there.warnings().length
    let answeredBefore = 0
    const ask = async () => {
      for (const instance of [here, there]) {
        assert.notEqual(await remaining(instance, used), undefined)
        if (warned() === 0) answeredBefore += 1
      }
    }
    await ask()
    assert.equal(warned(), 0)
    redis.pause()
    answeredBefore = 0
    await waitFor(async () => {
      await ask()
      return warned() === 2
    })
    t.diagnostic(`${answeredBefore} requests while it hung`)
    // A request that waited for Redis would end with the timeout that warns, after a second.
    assert.ok(answeredBefore >= 4, String(answeredBefore))
    redis.resume()
    await Promise.all([here, there].map(isConnected))

    await redis.terminate()
    await waitFor(async () => (await here.metric('shared_limits_connected')) === 0)
    await waitFor(() => warned() === 4)
    const other = await key()
    for (let asked = 1; asked <= 10; asked += 1) {
      assert.equal(await remaining(here, other), LIMIT - asked)
      assert.equal(await remaining(there, other), LIMIT - asked)
    }
    assert.ok((await here.metric('shared_limits_errors_total')) > 1)
    assert.equal(warned(), 4)

    await redis.start()
    await Promise.all([here, there].map(isConnected))
    let asked = 20
    await waitFor(async () => {
      asked += 1
      return (await remaining(there, other)) === LIMIT - asked
    })
  })
})

describe('REDIS_URL', () => {
  it('is refused in one line that names it without its value', () => {
    for (const url of [
      'localhost:6379',
      'http://localhost',
      'redis:///0',
      'redis://:s%3cret%@host',
      'redis://h/0?tls=x',
    ]) {
      const env = { DATABASE_URL: 'postgres://localhost/x', ISSUER, REDIS_URL: url }
      assert.throws(() => loadApiConfig(env), {
        name: 'ConfigError',
        message: 'invalid environment: REDIS_URL must be a URL such as redis://user:password@host:6379/0, or rediss://',
      })
    }
  })
})
