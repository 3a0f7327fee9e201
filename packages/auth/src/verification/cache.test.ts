import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ChannelEvent } from '@daytona-auth/db/core'
import fc from 'fast-check'
import { type Answer, denyCredential, isDenied } from '../principal/result.ts'
import { ANY_KEY, answerCache, type Cache, type Change, type Found, type Subject } from './cache.ts'
import { defaultCacheBytes, estimateSize } from './cache-size.ts'

const KEY: Change = { kind: 'key', id: 'key_1' }
const OTHER: Change = { kind: 'key', id: 'key_2' }
const USER: Change = { kind: 'user', id: 'usr_1' }
const RESET: ChannelEvent = { kind: 'reset', reason: 'test' }

/** A distinguishable answer. */
const answer = (mark: number): Answer => denyCredential('api-key', 'revoked', { retryAfterSeconds: mark })
const markOf = (given: Answer | undefined) => (given && isDenied(given) ? given.retryAfterSeconds : undefined)

/** A cache on a channel whose events the test sends. */
function setUp({ size = 100, bytes = 2 ** 20, unknownSize = 10, unknownTtlMs = 1000 } = {}) {
  const clock = { now: 0 }
  let publish: (event: ChannelEvent) => void = () => {}
  const channel = {
    subscribe(listener: (event: ChannelEvent) => void) {
      publish = listener
      return () => {}
    },
  }
  const cache = answerCache({ channel, size, bytes, unknownSize, unknownTtlMs, now: () => clock.now })
  return { cache, clock, notify: (event: ChannelEvent) => publish(event) }
}

/** A read that the test ends. */
function reading(cache: Cache, digest: string) {
  const { promise, resolve, reject } = Promise.withResolvers<Found>()
  let started = 0
  const result = cache.getOrLoad(digest, () => {
    started += 1
    return promise
  })
  return { result, started: () => started, found: resolve, failed: reject }
}

const put = (cache: Cache, digest: string, mark: number, dependsOn: Found['dependsOn']) =>
  cache.getOrLoad(digest, async () => ({ answer: answer(mark), dependsOn }))

describe('the budget of a cache', () => {
  const DEPENDS: Subject[] = ['key:key_1', 'user:usr_1']
  const charge = estimateSize(answer(1), DEPENDS)

  it('limits bytes and entries, whichever is reached first', async () => {
    for (const { bytes, size, kept } of [
      { bytes: charge * 10, size: 100, kept: 10 },
      { bytes: charge * 100, size: 10, kept: 10 },
    ]) {
      const { cache } = setUp({ bytes, size })
      for (let at = 0; at < 50; at += 1) await put(cache, `digest ${at}`, at, DEPENDS)
      assert.deepEqual([cache.size(), cache.bytes() <= bytes], [kept, true])
      assert.equal(markOf(cache.get('digest 49')), 49)
    }
  })

  it('does not store an answer that exceeds it alone', async () => {
    const { cache, notify } = setUp({ bytes: charge * 3 })
    await put(cache, 'small', 1, DEPENDS)
    const large = Array.from({ length: 50 }, (_, at): Subject => `organization:org_${at}`)
    assert.equal(markOf(await put(cache, 'large', 2, large)), 2)
    assert.deepEqual([cache.size(), cache.has('large'), markOf(cache.get('small'))], [1, false, 1])
    notify(KEY)
    assert.deepEqual([cache.size(), cache.bytes()], [0, 0])
  })

  it('stores an answer that fills it exactly, and none that is one byte larger', async () => {
    for (const [bytes, isStored] of [
      [charge, true],
      [charge - 1, false],
    ] as const) {
      const { cache } = setUp({ bytes, size: 1_000_000 })
      await put(cache, 'a', 1, DEPENDS)
      assert.equal(cache.has('a'), isStored)
    }
  })

  it('is a fifth of the memory limit, within bounds', () => {
    const MiB = 2 ** 20
    assert.equal(defaultCacheBytes(500 * MiB, 16_000 * MiB), 100 * MiB)
    assert.equal(defaultCacheBytes(0, 1000 * MiB), 200 * MiB)
    assert.equal(defaultCacheBytes(2 ** 63, 1000 * MiB), 200 * MiB)
    assert.equal(defaultCacheBytes(16 * MiB, 1000 * MiB), 8 * MiB)
    assert.equal(defaultCacheBytes(0, 64_000 * MiB), 512 * MiB)
  })
})

describe('a cached answer', () => {
  it('is returned for its own credential only', async () => {
    const { cache } = setUp()
    await put(cache, 'a', 1, ['key:key_1'])
    assert.deepEqual([cache.get('b'), cache.has('b'), cache.size()], [undefined, false, 1])
    assert.equal(markOf(cache.get('a')), 1)
  })

  it('is evicted when one of its dependencies changes, and kept otherwise', async () => {
    for (const [event, isGone] of [
      [KEY, true],
      [USER, true],
      [RESET, true],
      [OTHER, false],
      [{ kind: 'user', id: 'usr_2' }, false],
      [{ kind: 'organization', id: 'key_1' }, false],
    ] as const) {
      const { cache, notify } = setUp()
      await put(cache, 'a', 1, ['key:key_1', 'user:usr_1'])
      notify(event)
      assert.equal(cache.get('a') === undefined, isGone, JSON.stringify(event))
      assert.equal(cache.size(), isGone ? 0 : 1)
    }
  })

  it('is evicted when this process invalidates a change', async () => {
    const { cache } = setUp()
    await put(cache, 'a', 1, ['key:key_1'])
    cache.invalidate(KEY)
    assert.equal(cache.get('a'), undefined)
  })

  it('is evicted with all others of the same user, and no more', async () => {
    const { cache, notify } = setUp()
    await put(cache, 'a', 1, ['key:key_1', 'user:usr_1'])
    await put(cache, 'b', 2, ['key:key_2', 'user:usr_1'])
    await put(cache, 'c', 3, ['key:key_3', 'user:usr_2'])
    notify(USER)
    assert.deepEqual(
      ['a', 'b', 'c'].map((digest) => markOf(cache.get(digest))),
      [undefined, undefined, 3],
    )
  })

  it('is evicted for newer ones when the cache is full, the least recently used first', async () => {
    const { cache, notify } = setUp({ size: 2 })
    await put(cache, 'a', 1, ['key:key_1'])
    await put(cache, 'b', 2, ['key:key_2'])
    cache.get('a')
    await put(cache, 'c', 3, ['key:key_3'])
    assert.deepEqual(
      ['a', 'b', 'c'].map((digest) => markOf(cache.get(digest))),
      [1, undefined, 3],
    )
    notify(OTHER) // about the evicted answer: nothing is left to invalidate
    assert.equal(cache.size(), 2)
  })

  it('is replaced by a newer one, and evicted by the dependencies of the newer one', async () => {
    const { cache, notify } = setUp()
    await put(cache, 'a', 1, ['key:key_1'])
    await put(cache, 'a', 2, ['user:usr_1'])
    notify(KEY)
    assert.equal(markOf(cache.get('a')), 2)
    notify(USER)
    assert.equal(cache.get('a'), undefined)
  })

  it('is not stored if no notification covers it', async () => {
    const { cache } = setUp()
    assert.equal(markOf(await put(cache, 'a', 1, null)), 1)
    assert.equal(cache.get('a'), undefined)
  })

  it('is repeated for the time that its read states, unless everything was invalidated during the read', async () => {
    for (const [event, repeated] of [
      [undefined, 1],
      [KEY, 1],
      [RESET, undefined],
    ] as const) {
      const { cache, clock, notify } = setUp()
      const read = reading(cache, 'a')
      if (event) notify(event)
      read.found({ answer: answer(1), dependsOn: null, repeatMs: 500 })
      await read.result
      clock.now = 499
      assert.equal(markOf(cache.get('a')), repeated, JSON.stringify(event))
      clock.now = 500
      assert.equal(cache.get('a'), undefined)
    }
  })
})

describe('the text of a credential', () => {
  it('finds an answer that was found by its digest a moment ago, and none before', async () => {
    const { cache } = setUp()
    await put(cache, 'a', 1, ['key:key_1'])
    cache.get('a')
    assert.equal(cache.recent('text'), undefined)
    cache.get('a', 'text')
    assert.deepEqual([markOf(cache.recent('text')), cache.recent('tex')], [1, undefined])
  })

  it('finds no evicted answer', async () => {
    const gone: Record<string, (setUp: ReturnType<typeof setUpUsed>) => unknown> = {
      notified: ({ notify }) => notify(KEY),
      'notified of its user': ({ notify }) => notify(USER),
      invalidated: ({ cache }) => cache.invalidate(KEY),
      'everything is': ({ notify }) => notify(RESET),
      'replaced by another': ({ cache }) => put(cache, 'a', 2, ['key:key_1']),
      'pushed out': ({ cache }) => put(cache, 'b', 2, ['key:key_2']),
    }
    const setUpUsed = () => setUp({ size: 1 })
    for (const [how, go] of Object.entries(gone)) {
      const used = setUpUsed()
      await put(used.cache, 'a', 1, ['key:key_1', 'user:usr_1'])
      used.cache.get('a', 'text')
      assert.equal(markOf(used.cache.recent('text')), 1)
      await go(used)
      assert.equal(used.cache.recent('text'), undefined, how)
    }
  })

  it('finds nothing for an unknown key, which may be created at any moment', async () => {
    const { cache } = setUp()
    await put(cache, 'a', 1, [ANY_KEY])
    cache.get('a', 'text')
    assert.equal(cache.recent('text'), undefined)
  })

  it('is kept for a second, independent of its use', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { cache } = setUp()
    await put(cache, 'a', 1, ['key:key_1'])
    cache.get('a', 'text')
    t.mock.timers.tick(999)
    cache.get('a', 'text')
    assert.equal(markOf(cache.recent('text')), 1)
    t.mock.timers.tick(1)
    assert.deepEqual([cache.recent('text'), markOf(cache.get('a', 'text'))], [undefined, 1])
    t.mock.timers.tick(999)
    assert.equal(markOf(cache.recent('text')), 1)
  })

  it('is not kept beyond the most credentials', async () => {
    const { cache } = setUp()
    await put(cache, 'a', 1, ['key:key_1'])
    for (let count = 0; count <= 4096; count += 1) cache.get('a', `text ${count}`)
    assert.deepEqual([markOf(cache.recent('text 4095')), cache.recent('text 4096')], [1, undefined])
  })
})

describe('an answer about an unknown key', () => {
  it('is evicted by any change to any key, because the key may have been created', async () => {
    for (const event of [KEY, OTHER, RESET]) {
      const { cache, notify } = setUp()
      await put(cache, 'a', 1, [ANY_KEY])
      assert.equal(markOf(cache.get('a')), 1)
      notify(event)
      assert.equal(cache.get('a'), undefined)
    }
  })

  it('is not stored if a key changed during the read', async () => {
    const { cache, notify } = setUp()
    const read = reading(cache, 'a')
    notify(OTHER)
    read.found({ answer: answer(1), dependsOn: [ANY_KEY] })
    await read.result
    assert.equal(cache.get('a'), undefined)
  })

  it('expires', async () => {
    const { cache, clock } = setUp({ unknownTtlMs: 1000 })
    await put(cache, 'a', 1, [ANY_KEY])
    clock.now = 999
    assert.equal(markOf(cache.get('a')), 1)
    clock.now = 1000
    assert.equal(cache.get('a'), undefined)
  })

  it('never evicts a known one, with any number of unknown ones', async () => {
    const { cache } = setUp({ size: 2, unknownSize: 2 })
    await put(cache, 'good', 1, ['key:key_1'])
    for (let round = 0; round < 50; round++) await put(cache, `bad ${round}`, 2, [ANY_KEY])
    assert.equal(markOf(cache.get('good')), 1)
    assert.deepEqual([cache.size(), cache.has('bad 49')], [1, false])
  })
})

describe('a read', () => {
  it('is shared by all requests during it', async () => {
    const { cache } = setUp()
    const first = reading(cache, 'a')
    const second = reading(cache, 'a')
    assert.equal(cache.pending('a'), first.result)
    assert.equal(second.result, first.result)
    assert.equal(second.started(), 0)
    first.found({ answer: answer(1), dependsOn: ['key:key_1'] })
    assert.equal(markOf(await second.result), 1)
    assert.equal(cache.pending('a'), undefined)
  })

  it('is not shared with requests after any change, because it may be outdated', async () => {
    for (const event of [KEY, OTHER, USER, RESET]) {
      const { cache, notify } = setUp()
      const first = reading(cache, 'a')
      notify(event)
      const second = reading(cache, 'a')
      assert.equal(second.started(), 1)
      second.found({ answer: answer(2), dependsOn: ['key:key_1'] })
      await second.result
      first.found({ answer: answer(1), dependsOn: ['key:key_1'] })
      await first.result
      assert.equal(markOf(cache.get('a')), event === OTHER || event === USER ? 1 : 2, JSON.stringify(event))
    }
  })

  it('that is outdated leaves the newer read to later requests', async () => {
    const { cache, notify } = setUp()
    const overtaken = reading(cache, 'a')
    notify(KEY)
    const newer = reading(cache, 'a')
    overtaken.found({ answer: answer(1), dependsOn: ['key:key_1'] })
    await overtaken.result
    assert.equal(cache.pending('a'), newer.result)
    assert.equal(reading(cache, 'a').started(), 0)
  })

  it('is stored if the changes during it are not its dependencies', async () => {
    const { cache, notify } = setUp()
    const read = reading(cache, 'a')
    notify(OTHER)
    read.found({ answer: answer(1), dependsOn: ['key:key_1'] })
    await read.result
    assert.equal(markOf(cache.get('a')), 1)
  })

  it('that fails rejects for all who share it, is not stored, and the next one reads again', async () => {
    const { cache } = setUp()
    const first = reading(cache, 'a')
    const second = reading(cache, 'a')
    first.failed(new Error('no database'))
    await assert.rejects(first.result, /no database/)
    await assert.rejects(second.result, /no database/)
    assert.equal(cache.get('a'), undefined)
    assert.equal(markOf(await put(cache, 'a', 2, ['key:key_1'])), 2)
  })
})

/**
 * A model of a database with two credentials that share a user. Reads take their snapshot at any time between start and end,
 * and notifications arrive late but in order.
 */
describe('in every order of reads, changes and notifications', () => {
  type Step =
    | { readonly do: 'read' | 'use'; readonly digest: 'a' | 'b' }
    | { readonly do: 'look' | 'end'; readonly flight: number }
    | { readonly do: 'change'; readonly subject: number }
    | { readonly do: 'reconnect' }
    | { readonly do: 'notify' }

  const CHANGES: readonly Change[] = [KEY, OTHER, USER]
  const DEPENDS = { a: ['key:key_1', 'user:usr_1'], b: ['key:key_2', 'user:usr_1'] } as const

  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      do: fc.constantFrom('read' as const, 'use' as const),
      digest: fc.constantFrom('a' as const, 'b' as const),
    }),
    fc.record({ do: fc.constantFrom('look' as const, 'end' as const), flight: fc.nat({ max: 5 }) }),
    fc.record({ do: fc.constant('change' as const), subject: fc.nat({ max: 2 }) }),
    fc.record({ do: fc.constant('notify' as const) }),
    fc.record({ do: fc.constant('reconnect' as const) }),
  )

  it('once all notifications have arrived, no cached answer is older than the database', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { cache, notify } = setUp()
        const version = new Map<Subject, number>()
        const stateOf = (digest: 'a' | 'b') =>
          DEPENDS[digest].reduce((sum, subject) => sum + (version.get(subject) ?? 0), 0)
        const queue: ChannelEvent[] = []
        const flights: { digest: 'a' | 'b'; seen?: number; read: ReturnType<typeof reading>; isOver?: boolean }[] = []

        const look = (flight: (typeof flights)[number]) => {
          flight.seen ??= stateOf(flight.digest)
        }
        const end = async (flight: (typeof flights)[number]) => {
          if (flight.isOver || flight.read.started() === 0) return
          look(flight)
          flight.isOver = true
          flight.read.found({ answer: answer(flight.seen ?? 0), dependsOn: DEPENDS[flight.digest] })
          await flight.read.result
        }

        for (const each of steps) {
          if (each.do === 'use') cache.get(each.digest, `text of ${each.digest}`)
          else if (each.do === 'read') flights.push({ digest: each.digest, read: reading(cache, each.digest) })
          else if (each.do === 'look' || each.do === 'end') {
            const flight = flights[each.flight % Math.max(1, flights.length)]
            if (!flight) continue
            if (each.do === 'look') look(flight)
            else await end(flight)
          } else if (each.do === 'change') {
            const change = CHANGES[each.subject] ?? KEY
            const subject: Subject = `${change.kind}:${change.id}`
            version.set(subject, (version.get(subject) ?? 0) + 1)
            queue.push(change)
          } else if (each.do === 'reconnect') {
            queue.length = 0 // lost, and the channel resets
            notify(RESET)
          } else {
            const event = queue.shift()
            if (event) notify(event)
          }
        }
        for (const event of queue.splice(0)) notify(event)
        for (const flight of flights) await end(flight)
        for (const digest of ['a', 'b'] as const) {
          for (const kept of [cache.recent(`text of ${digest}`), cache.get(digest)]) {
            if (kept) assert.equal(markOf(kept), stateOf(digest))
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})
