import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createLogger, openRedis } from '@daytona-auth/service'
import { captureLog, redisMissing, redisServer, type Scope, waitFor } from '@daytona-auth/testing'
import { shareAttempts } from './shared-attempts.ts'
import { createSignInLimits } from './sign-in-limits.ts'

const MINUTE = 60_000
const HOME = '192.0.2.1'
const ADA = 'ada@example.com'

/** The limits of one process: three for a pair, five for an address. */
async function limits(scope: Scope, url: string) {
  const log = captureLog()
  const redis = openRedis({ url, logger: createLogger({ service: 'test', stream: log.stream }) })
  scope.after(() => redis.close())
  await waitFor(() => redis.isUp())
  const { signIn, signUp } = createSignInLimits({
    windowMs: 15 * MINUTE,
    perPair: 3,
    perAddress: 5,
    perAccount: 100,
    signUpsPerAddress: 2,
    now: () => 0,
    share: shareAttempts({ redis, secret: 'a secret of the provider' }),
  })
  return {
    redis,
    log,
    signIn,
    signUp,
    async fail(email = ADA, address = HOME) {
      return (await signIn(email, address)).allowed
    },
    async succeed(email = ADA) {
      const slot = await signIn(email, HOME)
      assert.ok(slot.allowed)
      slot.succeeded()
    },
  }
}

describe('attempts counted over Redis', { skip: redisMissing() }, () => {
  it('share one count between several processes, also for concurrent attempts', async (t) => {
    const { url, ask } = await redisServer(t)
    const [here, there] = [await limits(t, url), await limits(t, url)]
    const outcomes = await Promise.all([here, there, here, there, here, there].map(({ fail }) => fail()))
    assert.equal(outcomes.filter(Boolean).length, 3)
    const refused = await there.signIn(ADA, HOME)
    assert.ok(!refused.allowed && refused.retryAfterSeconds > 890 && refused.retryAfterSeconds <= 900)

    // Refused attempts do not count: two are left for the address, and another address is unaffected.
    const others = [
      await here.fail('b@example.com'),
      await there.fail('c@example.com'),
      await here.fail('d@example.com'),
    ]
    assert.deepEqual(others, [true, true, false])
    assert.equal(await there.fail(ADA, '198.51.100.7'), true)
    assert.deepEqual([await here.signUp(HOME), await there.signUp(HOME)], [undefined, undefined])
    assert.ok(((await here.signUp(HOME)) ?? 0) > 890)

    const keys = await ask('KEYS *')
    assert.doesNotMatch(keys, /example|192\.0|198\.51/)
    const counted = keys.match(/daytona-auth:attempts:[a-z-]+:[\w-]{43}(?=\r|$)/g) ?? []
    // Of pairs, addresses, accounts and sign-ups.
    assert.equal(counted.length, 5 + 2 + 3 + 1)
    for (const key of counted) assert.match(await ask(`PTTL ${key}`), /^:\d{6}$/)
  })

  it('are reset in every process once the pair signs in, and expire with their window', async (t) => {
    const { url, ask } = await redisServer(t)
    const [here, there] = [await limits(t, url), await limits(t, url)]
    assert.deepEqual([await here.fail(), await here.fail()], [true, true])
    await there.succeed()
    assert.deepEqual([await here.fail(), await there.fail(), await here.fail()], [true, true, true])
    assert.equal(await there.fail(), false)
    // The windows are over a few milliseconds later, instead of in 15 minutes.
    for (const key of (await ask('KEYS *')).match(/daytona-auth:attempts:\S+/g) ?? []) await ask(`PEXPIRE ${key} 5`)
    await waitFor(() => there.fail())
  })

  it('do not count refused attempts, and never below zero', async (t) => {
    const { url, ask } = await redisServer(t)
    const here = await limits(t, url)
    const slots = [await here.signIn(ADA, HOME), await here.signIn(ADA, HOME), await here.signIn(ADA, HOME)]
    for (let count = 0; count < 5; count++) assert.equal(await here.fail(), false)
    for (const slot of slots) if (slot.allowed) slot.undecided()
    assert.deepEqual(
      [await here.fail(), await here.fail(), await here.fail(), await here.fail()],
      [true, true, true, false],
    )

    // Given back after their windows, which end early here: nothing is counted that the next window would start with.
    const late = await here.signIn('grace@example.com', '198.51.100.7')
    await ask('FLUSHALL')
    for (let count = 0; count < 3; count++) if (late.allowed) late.undecided()
    const outcomes: boolean[] = []
    for (let count = 0; count < 4; count++) outcomes.push(await here.fail('grace@example.com', '198.51.100.7'))
    assert.deepEqual(outcomes, [true, true, true, false])
  })

  it('need only the rights to their own keys', async (t) => {
    const rights = ['~daytona-auth:*', '+info', '+eval', '+set', '+get', '+del', '+pttl']
    const { url, ask } = await redisServer(t, ['--user', 'ours', 'on', '>secret', ...rights])
    const here = await limits(t, url.replace('://', '://ours:secret@'))
    for (let count = 0; count < 3; count++) await here.fail()
    assert.equal(await here.fail(), false)
    assert.equal((await ask('KEYS daytona-auth:attempts:*')).match(/attempts:/g)?.length, 3)
    const slot = await here.signIn('grace@example.com', HOME)
    assert.ok(slot.allowed)
    slot.succeeded()
    await waitFor(async () => (await ask('KEYS daytona-auth:attempts:*')).match(/attempts:/g)?.length === 4)
    assert.ok(here.redis.isUp())
    assert.ok(here.log.lines().every(({ level }) => level === 'info'))
  })

  it('are counted by the process alone if a key has another type', async (t) => {
    const { url, ask } = await redisServer(t)
    const here = await limits(t, url)
    await here.fail()
    for (const key of (await ask('KEYS *')).match(/daytona-auth:attempts:\S+/g) ?? []) {
      await ask(`DEL ${key}`)
      await ask(`LPUSH ${key} x`)
    }
    assert.deepEqual([await here.fail(), await here.fail(), await here.fail()], [true, true, false])
    assert.ok(here.redis.isUp())
  })

  it('count per process while Redis is down, and together again once it is up', async (t) => {
    const server = await redisServer(t)
    const [here, there] = [await limits(t, server.url), await limits(t, server.url)]
    assert.deepEqual([await here.fail(), await here.fail(), await there.fail()], [true, true, true])
    await server.terminate()
    await waitFor(() => !here.redis.isUp() && !there.redis.isUp())
    assert.deepEqual([await here.fail(), await here.fail()], [true, false])
    assert.deepEqual([await there.fail(), await there.fail(), await there.fail()], [true, true, false])
    assert.equal(here.log.lines().filter(({ level }) => level === 'warn').length, 1)
    await server.start()
    await waitFor(() => here.redis.isUp() && there.redis.isUp())
    assert.equal(await there.fail('grace@example.com', '198.51.100.7'), true)
    assert.equal(await here.fail('grace@example.com', '198.51.100.7'), true)
    assert.equal(await there.fail('grace@example.com', '198.51.100.7'), true)
    assert.equal(await here.fail('grace@example.com', '198.51.100.7'), false)
  })

  it('wait at most a second for an unresponsive Redis, and then not at all', async (t) => {
    const server = await redisServer(t)
    const here = await limits(t, server.url)
    server.pause()
    // Timers that are due at the same time run in their order, also after the process was not scheduled for long.
    const within = async (ms: number, attempt: Promise<boolean>) => {
      const isOver = new AbortController()
      const late = delay(ms, 'late', { signal: isOver.signal }).catch(() => 'over')
      const outcome = await Promise.race([attempt, late])
      isOver.abort()
      return outcome
    }
    assert.equal(await within(2000, here.fail()), true)
    const outcomes = [await within(500, here.fail()), await within(500, here.fail()), await within(500, here.fail())]
    assert.deepEqual(outcomes, [true, true, false])
    server.resume()
  })
})
