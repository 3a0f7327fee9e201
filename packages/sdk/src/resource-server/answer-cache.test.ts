import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createAnswerCache } from './answer-cache.ts'

const MAX_AGE_MS = 5000

type Load = (credential: string) => Promise<{ request: number } | undefined>

/** Creates a provider that counts requests, and a cache of its answers with a controlled clock. */
function createProvider({ size = 10, maxAgeMs = MAX_AGE_MS } = {}) {
  const time = { wall: 1_800_000_000_000, monotonic: 0 }
  const clock = { now: () => time.wall, monotonic: () => time.monotonic }
  const provider: { requests: number; answer: Load } = {
    requests: 0,
    answer: async () => ({ request: provider.requests }),
  }
  const load: Load = (credential) => {
    provider.requests += 1
    return provider.answer(credential)
  }
  const pass = (ms: number) => {
    time.wall += ms
    time.monotonic += ms
  }
  return Object.assign(provider, { time, pass, answerTo: createAnswerCache({ load, maxAgeMs, size, clock }) })
}

describe('the answer cache', () => {
  it('counts the age of an answer from its request', async () => {
    const provider = createProvider()
    provider.answer = async () => {
      provider.pass(2000)
      return { request: provider.requests }
    }
    assert.deepEqual(await provider.answerTo('key'), { request: 1 })
    provider.pass(2999)
    assert.deepEqual(await provider.answerTo('key'), { request: 1 })
    provider.pass(1)
    assert.deepEqual(await provider.answerTo('key'), { request: 2 })
  })

  it('expires answers when a clock is set back, or stops while the other one runs', async () => {
    const provider = createProvider()
    await provider.answerTo('key')
    provider.time.wall -= 1
    assert.deepEqual(await provider.answerTo('key'), { request: 2 })
    provider.time.wall += MAX_AGE_MS
    assert.deepEqual(await provider.answerTo('key'), { request: 3 })
    provider.time.monotonic += MAX_AGE_MS
    assert.deepEqual(await provider.answerTo('key'), { request: 4 })
  })

  it('separates credentials', async () => {
    const provider = createProvider()
    await provider.answerTo('key')
    assert.deepEqual(await provider.answerTo('key '), { request: 2 })
  })

  it('shares a look-up among concurrent callers', async () => {
    const provider = createProvider()
    const answers = await Promise.all(Array.from({ length: 100 }, () => provider.answerTo('key')))
    assert.deepEqual([provider.requests, new Set(answers).size], [1, 1])
  })

  it('starts a new look-up if the pending one is too old', async () => {
    const provider = createProvider()
    const { promise, resolve } = Promise.withResolvers<{ request: number }>()
    provider.answer = () => promise
    const first = provider.answerTo('key')
    await until(() => provider.requests === 1)
    provider.pass(MAX_AGE_MS)
    provider.answer = async () => undefined
    assert.equal(await provider.answerTo('key'), undefined)
    resolve({ request: 1 })
    // Decided before the revocation: valid for the first caller only.
    assert.deepEqual(await first, { request: 1 })
    assert.equal(await provider.answerTo('key'), undefined)
  })

  it('returns no older answer when the provider fails, and does not cache failures', async () => {
    const provider = createProvider()
    const { answer } = provider
    await provider.answerTo('key')
    provider.pass(MAX_AGE_MS)
    provider.answer = async () => Promise.reject(new Error('down'))
    await assert.rejects(provider.answerTo('key'), /down/)
    provider.answer = answer
    assert.deepEqual(await provider.answerTo('key'), { request: 3 })
  })

  it('caches an inactive answer for a second', async () => {
    const provider = createProvider()
    const { answer } = provider
    provider.answer = async () => undefined
    assert.equal(await provider.answerTo('key'), undefined)
    provider.answer = answer
    provider.pass(999)
    assert.equal(await provider.answerTo('key'), undefined)
    provider.pass(1)
    assert.deepEqual(await provider.answerTo('key'), { request: 2 })
  })

  it('caches and shares nothing with an age of 0', async () => {
    const provider = createProvider({ maxAgeMs: 0 })
    await Promise.all([provider.answerTo('key'), provider.answerTo('key')])
    await provider.answerTo('key')
    assert.equal(provider.requests, 3)
  })

  it('is bounded, and unknown credentials evict no active answer', async () => {
    const provider = createProvider({ size: 2 })
    const { answer } = provider
    await provider.answerTo('a')
    await provider.answerTo('b')
    provider.answer = async () => undefined
    for (const unknown of ['1', '2', '3', '4']) await provider.answerTo(unknown)
    provider.answer = answer
    await provider.answerTo('a')
    await provider.answerTo('b')
    assert.equal(provider.requests, 6)
    await provider.answerTo('c')
    await provider.answerTo('a')
    assert.equal(provider.requests, 8)
  })

  it('bounds concurrent requests to the provider', async () => {
    const provider = createProvider({ size: 1000 })
    const { promise, resolve } = Promise.withResolvers<undefined>()
    provider.answer = () => promise
    let refused = 0
    const flood = Array.from({ length: 300 }, async (_, index) => {
      await provider.answerTo(`unknown ${index}`).catch(() => {
        refused += 1
      })
    })
    await until(() => provider.requests + refused === 300)
    assert.deepEqual([provider.requests, refused], [256, 44])
    resolve(undefined)
    await Promise.all(flood)
    await provider.answerTo('afterwards')
    assert.equal(provider.requests, 257)
  })
})

/** Waits for asynchronous digests. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate)
}
