import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type LookUp, type LookUpLimiterOptions, lookUpLimiter } from './look-up-limiter.ts'

const ADDRESS = '192.0.2.1'

function setUp(options: Partial<LookUpLimiterOptions> = {}) {
  const clock = { now: 0 }
  const limiter = lookUpLimiter({ perMinute: 60, lookUpsPerSecond: 10, size: 100, now: () => clock.now, ...options })
  /** Makes `count` look-ups one after another, all with the same result. Returns how many were admitted. */
  const ask = async (count: number, wasUnknown: boolean, address = ADDRESS) => {
    let admitted = 0
    for (let round = 0; round < count; round++) {
      const lookUp = await limiter.acquire(address)
      if (!lookUp) continue
      admitted += 1
      lookUp.release(wasUnknown)
    }
    return admitted
  }
  return { clock, limiter, ask }
}

describe('the limiter of unknown credentials', () => {
  it('admits 60 unknown credentials and ten more in the same second, and no more', async () => {
    const { ask } = setUp()
    assert.equal(await ask(1000, true), 70)
  })

  it('admits ten a second while over the limit, valid ones included', async () => {
    const { clock, ask } = setUp()
    await ask(1000, true)
    clock.now += 500
    assert.equal(await ask(100, false), 5)
    clock.now += 1000
    assert.equal(await ask(100, true), 10)
    clock.now += 30_000
    assert.equal(await ask(100, true), 10, 'nothing is saved up')
  })

  it('starts again after a minute', async () => {
    const { clock, ask } = setUp()
    await ask(1000, true)
    clock.now += 59_999
    assert.equal(await ask(1000, true), 10)
    clock.now += 1
    assert.ok((await ask(1000, true)) >= 60)
  })

  it('begins a minute with the first look-up after the last one, on a clock that began long ago', async () => {
    const { clock, ask } = setUp()
    clock.now = 1_000_000
    assert.equal(await ask(1000, true), 70)
    clock.now += 59_999
    assert.equal(await ask(1000, true), 10)
    clock.now += 1
    // Nothing was refilled in a millisecond: these are the 60 of the new minute.
    assert.equal(await ask(1000, true), 60)
    clock.now += 1000
    assert.equal(await ask(1000, true), 10, 'the new minute is not over')
  })

  it('refills to the millisecond, and never more than a second', async () => {
    const { clock, ask } = setUp({ perMinute: 1, lookUpsPerSecond: 1 })
    assert.equal(await ask(10, true), 2)
    clock.now += 999
    assert.equal(await ask(10, false), 0)
    clock.now += 1
    assert.equal(await ask(10, false), 1)
    clock.now += 1500
    assert.equal(await ask(10, false), 1)
    clock.now += 500
    assert.equal(await ask(10, false), 0, 'the half second that was too much is lost')
  })

  it('does not admit a newcomer before a look-up that waits, when a minute begins', async () => {
    const { clock, limiter } = setUp({ perMinute: 2 })
    const first = await limiter.acquire(ADDRESS)
    first?.release(true)
    const second = await limiter.acquire(ADDRESS)
    const order: string[] = []
    const wait = (name: string) =>
      Promise.resolve(limiter.acquire(ADDRESS)).then((lookUp) => {
        order.push(name)
        return lookUp
      })
    const waiting = wait('waiting')
    clock.now += 60_000
    const newcomer = wait('newcomer')
    await Promise.resolve()
    assert.deepEqual(order, [])
    second?.release(false)
    await Promise.all([waiting, newcomer])
    assert.deepEqual(order, ['waiting', 'newcomer'])
  })

  it('shares a permit over the limit that cannot be changed', async () => {
    const { limiter, ask } = setUp({ perMinute: 1 })
    await ask(1, true)
    const permit = await limiter.acquire(ADDRESS)
    assert.ok(permit && Object.isFrozen(permit))
    permit.release(true)
  })

  it('never counts a valid credential', async () => {
    const { ask } = setUp()
    assert.equal(await ask(10_000, false), 10_000)
    assert.equal(await ask(1000, true), 70)
  })

  it('limits each address independently', async () => {
    const { ask } = setUp()
    await ask(1000, true)
    assert.equal(await ask(100, false, '192.0.2.2'), 100)
    assert.equal(await ask(100, false, '2001:db8::1'), 100)
  })

  it('counts an IPv6 /64 as one address, and IPv4 in every notation', async () => {
    const { ask } = setUp()
    await ask(1000, true, '2001:db8:0:1::1')
    assert.equal(await ask(10, true, '2001:db8:0:1:ffff::2'), 0)
    assert.equal(await ask(10, true, '2001:db8:0:2::1'), 10)
    await ask(1000, true, '198.51.100.7')
    assert.equal(await ask(10, true, '::ffff:198.51.100.7'), 0)
  })

  it('admits no more unknown credentials at once than one after another', async () => {
    const { limiter } = setUp()
    let admitted = 0
    const outcomes = Array.from({ length: 500 }, async () => {
      const lookUp = await limiter.acquire(ADDRESS)
      if (!lookUp) return 'limited'
      admitted += 1
      await Promise.resolve()
      lookUp.release(true)
      return 'unknown'
    })
    const counted = Object.groupBy(await Promise.all(outcomes), (outcome) => outcome)
    assert.deepEqual([counted.unknown?.length, counted.limited?.length, admitted], [70, 430, 70])
  })

  it('serves any number of valid credentials at once', async () => {
    const { limiter } = setUp()
    const outcomes = Array.from({ length: 500 }, async () => {
      const lookUp = await limiter.acquire(ADDRESS)
      await Promise.resolve()
      lookUp?.release(false)
      return lookUp !== undefined
    })
    assert.deepEqual(new Set(await Promise.all(outcomes)), new Set([true]))
  })

  it('serves waiting look-ups in their order of arrival', async () => {
    const { limiter } = setUp({ perMinute: 1 })
    const first = await limiter.acquire(ADDRESS)
    const order: number[] = []
    const waiting = [1, 2, 3].map((place) =>
      Promise.resolve(limiter.acquire(ADDRESS)).then((lookUp) => {
        order.push(place)
        lookUp?.release(false)
      }),
    )
    first?.release(false)
    await Promise.all(waiting)
    assert.deepEqual(order, [1, 2, 3])
  })

  it('evicts the least recently used address when there are too many', async () => {
    const { ask } = setUp({ size: 2 })
    await ask(1000, true, '192.0.2.1')
    await ask(1, true, '192.0.2.2')
    await ask(1, true, '192.0.2.3')
    assert.equal(await ask(1000, true, '192.0.2.1'), 70)
  })

  it('keeps the limit for every order of arrivals and ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { maxLength: 200 }),
        fc.integer({ min: 1, max: 20 }),
        async (ends, perMinute) => {
          const { limiter } = setUp({ perMinute, lookUpsPerSecond: 1 })
          const open: LookUp[] = []
          let unknown = 0
          for (const wasUnknown of ends) {
            void Promise.resolve(limiter.acquire(ADDRESS)).then((lookUp) => lookUp && open.push(lookUp))
            await Promise.resolve()
            if (!wasUnknown && open.length < 3) continue
            const lookUp = open.shift()
            if (lookUp && wasUnknown) unknown += 1
            lookUp?.release(wasUnknown)
          }
          // `lookUpsPerSecond` more than the limit, because no time passes here.
          assert.ok(unknown <= perMinute + 1, `${unknown} of ${perMinute}`)
        },
      ),
    )
  })
})
