import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { boundedAnswers } from './answers.ts'

const MAX_AGE_MS = 5000

type Ask = (credential: string) => Promise<{ question: number } | undefined>

/** A provider that says yes, and how often it was asked; time passes when it is told to. */
function asked({ size = 10, maxAgeMs = MAX_AGE_MS } = {}) {
  const time = { wall: 1_800_000_000_000, monotonic: 0 }
  const clock = { now: () => time.wall, monotonic: () => time.monotonic }
  const provider: { questions: number; answer: Ask } = {
    questions: 0,
    answer: async () => ({ question: provider.questions }),
  }
  const ask: Ask = (credential) => {
    provider.questions += 1
    return provider.answer(credential)
  }
  const pass = (ms: number) => {
    time.wall += ms
    time.monotonic += ms
  }
  return Object.assign(provider, { time, pass, answerTo: boundedAnswers({ ask, maxAgeMs, size, clock }) })
}

describe('what the provider answered', () => {
  it('is believed for its time from when it was asked, however late the answer came', async () => {
    const provider = asked()
    provider.answer = async () => {
      provider.pass(2000)
      return { question: provider.questions }
    }
    assert.deepEqual(await provider.answerTo('key'), { question: 1 })
    provider.pass(2999)
    assert.deepEqual(await provider.answerTo('key'), { question: 1 })
    provider.pass(1)
    assert.deepEqual(await provider.answerTo('key'), { question: 2 })
  })

  it('is forgotten by a clock that was set back, and by one that stood still while the other went on', async () => {
    const provider = asked()
    await provider.answerTo('key')
    provider.time.wall -= 1
    assert.deepEqual(await provider.answerTo('key'), { question: 2 })
    provider.time.wall += MAX_AGE_MS
    assert.deepEqual(await provider.answerTo('key'), { question: 3 })
    provider.time.monotonic += MAX_AGE_MS
    assert.deepEqual(await provider.answerTo('key'), { question: 4 })
  })

  it('is no answer to another credential', async () => {
    const provider = asked()
    await provider.answerTo('key')
    assert.deepEqual(await provider.answerTo('key '), { question: 2 })
  })

  it('is asked once for all who come meanwhile', async () => {
    const provider = asked()
    const answers = await Promise.all(Array.from({ length: 100 }, () => provider.answerTo('key')))
    assert.deepEqual([provider.questions, new Set(answers).size], [1, 1])
  })

  it('is not waited for by who comes when the question is too old', async () => {
    const provider = asked()
    const { promise, resolve } = Promise.withResolvers<{ question: number }>()
    provider.answer = () => promise
    const first = provider.answerTo('key')
    await until(() => provider.questions === 1)
    provider.pass(MAX_AGE_MS)
    provider.answer = async () => undefined
    assert.equal(await provider.answerTo('key'), undefined)
    resolve({ question: 1 })
    // It was known before the credential was revoked: for whom asked then, and for nobody after.
    assert.deepEqual(await first, { question: 1 })
    assert.equal(await provider.answerTo('key'), undefined)
  })

  it('is never an older one when the provider fails, and a failure is not remembered', async () => {
    const provider = asked()
    const { answer } = provider
    await provider.answerTo('key')
    provider.pass(MAX_AGE_MS)
    provider.answer = async () => Promise.reject(new Error('down'))
    await assert.rejects(provider.answerTo('key'), /down/)
    provider.answer = answer
    assert.deepEqual(await provider.answerTo('key'), { question: 3 })
  })

  it('is believed for a second if it was no', async () => {
    const provider = asked()
    const { answer } = provider
    provider.answer = async () => undefined
    assert.equal(await provider.answerTo('key'), undefined)
    provider.answer = answer
    provider.pass(999)
    assert.equal(await provider.answerTo('key'), undefined)
    provider.pass(1)
    assert.deepEqual(await provider.answerTo('key'), { question: 2 })
  })

  it('is never believed, nor waited for by another, where that is wished', async () => {
    const provider = asked({ maxAgeMs: 0 })
    await Promise.all([provider.answerTo('key'), provider.answerTo('key')])
    await provider.answerTo('key')
    assert.equal(provider.questions, 3)
  })

  it('is remembered of so many credentials, and inventions push out nothing', async () => {
    const provider = asked({ size: 2 })
    const { answer } = provider
    await provider.answerTo('a')
    await provider.answerTo('b')
    provider.answer = async () => undefined
    for (const invention of ['1', '2', '3', '4']) await provider.answerTo(invention)
    provider.answer = answer
    await provider.answerTo('a')
    await provider.answerTo('b')
    assert.equal(provider.questions, 6)
    await provider.answerTo('c')
    await provider.answerTo('a')
    assert.equal(provider.questions, 8)
  })

  it('is not asked for by more than the provider can be expected to bear at once', async () => {
    const provider = asked({ size: 1000 })
    const { promise, resolve } = Promise.withResolvers<undefined>()
    provider.answer = () => promise
    let refused = 0
    const flood = Array.from({ length: 300 }, async (_, index) => {
      await provider.answerTo(`invention ${index}`).catch(() => {
        refused += 1
      })
    })
    await until(() => provider.questions + refused === 300)
    assert.deepEqual([provider.questions, refused], [256, 44])
    resolve(undefined)
    await Promise.all(flood)
    await provider.answerTo('afterwards')
    assert.equal(provider.questions, 257)
  })
})

/** Digests are made elsewhere, and take their time. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate)
}
