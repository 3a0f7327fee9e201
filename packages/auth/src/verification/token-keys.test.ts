import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ChannelEvent } from '@daytona-auth/db/core'
import type { SigningKeyFacts } from '@daytona-auth/db/principals'
import { tokenSigner } from '@daytona-auth/testing/token-signer'
import type { Reader } from './database-reader.ts'
import { tokenKeys } from './token-keys.ts'

const { publicJwk } = await tokenSigner()
const key = (kid: string): SigningKeyFacts => ({ kid, alg: 'ES256', publicJwk: { ...publicJwk } })
const REREAD_MS = 5000

/** Keys whose reads the test ends, on a channel whose events the test sends. */
function setUp() {
  const clock = { now: 0 }
  const state = { isFresh: true }
  const reads: PromiseWithResolvers<SigningKeyFacts[]>[] = []
  const logged: string[] = []
  const listeners = new Set<(event: ChannelEvent) => void>()
  // A read returns the rows of a real statement in other tests; here its end is what is tested.
  const reader: Reader = {
    read<T>() {
      const read = Promise.withResolvers<SigningKeyFacts[]>()
      reads.push(read)
      return read.promise as Promise<T>
    },
  }
  const keys = tokenKeys({
    reader,
    channel: {
      subscribe(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      isFresh: () => state.isFresh,
    },
    logger: { warn: () => logged.push('warn'), info: () => logged.push('info') },
    now: () => clock.now,
    rereadMs: REREAD_MS,
    issuer: 'https://api.example.com',
    audience: 'https://api.example.com',
  })
  const notify = (event: ChannelEvent) => {
    for (const listener of listeners) listener(event)
  }
  return { keys, clock, state, reads, logged, notify, listeners }
}
const CHANGED: ChannelEvent = { kind: 'signing-keys', id: 'kid' }
/** Waits until a read that has ended was processed. */
const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
}

async function loaded(...kids: string[]) {
  const made = setUp()
  const loading = made.keys.load()
  made.reads[0]?.resolve(kids.map(key))
  await loading
  return made
}

describe('the keys of tokens', () => {
  it('are not loaded before the first read, which concurrent callers share', async () => {
    const { keys, reads, logged } = setUp()
    assert.equal(keys.isLoaded(), false)
    const [one, two] = [keys.load(), keys.load()]
    assert.equal(one, two)
    const found = keys.verifierFor('a')
    assert.equal(reads.length, 1)
    reads[0]?.resolve([key('a')])
    await one
    assert.ok(await found)
    assert.deepEqual([keys.isLoaded(), typeof keys.verifierFor('a'), logged], [true, 'function', ['info']])
  })

  it('are read again after a change or a reset, and after nothing else', async () => {
    for (const [event, count] of [
      [CHANGED, 2],
      [{ kind: 'reset', reason: 'connected' }, 2],
      [{ kind: 'key', id: 'a' }, 1],
      [{ kind: 'client', id: 'a' }, 1],
    ] as const) {
      const { reads, notify } = await loaded('a')
      notify(event)
      assert.equal(reads.length, count, event.kind)
      reads[1]?.resolve([])
    }
  })

  it('replace the earlier ones: a removed key has no check any more', async () => {
    const { keys, reads, notify, clock } = await loaded('a', 'b')
    clock.now = 1
    notify(CHANGED)
    assert.ok(keys.verifierFor('a'), 'until the read has ended')
    reads[1]?.resolve([key('b'), key('c')])
    await settle()
    assert.equal(keys.verifierFor('a'), undefined)
    assert.deepEqual([typeof keys.verifierFor('b'), typeof keys.verifierFor('c')], ['function', 'function'])
  })

  it('are read once more if they changed during a read, whose result may be outdated', async () => {
    const { keys, reads, notify } = await loaded('a')
    notify(CHANGED)
    notify(CHANGED)
    assert.equal(reads.length, 2)
    reads[1]?.resolve([key('a')])
    await settle()
    assert.equal(reads.length, 3)
    reads[2]?.resolve([key('b')])
    await settle()
    assert.deepEqual([keys.verifierFor('a'), typeof keys.verifierFor('b'), reads.length], [undefined, 'function', 3])
  })

  it('are kept if a read fails, and read again for the next unknown key', async () => {
    const { keys, reads, notify, logged, clock } = await loaded('a')
    notify(CHANGED)
    reads[1]?.reject(new Error('no database'))
    await settle()
    assert.deepEqual([typeof keys.verifierFor('a'), keys.isLoaded(), logged.at(-1)], ['function', true, 'warn'])
    assert.deepEqual([keys.verifierFor('b'), keys.isCurrent()], [undefined, false])
    clock.now = REREAD_MS
    const found = keys.verifierFor('b')
    assert.ok(found instanceof Promise)
    reads[2]?.resolve([key('a'), key('b')])
    assert.ok(await found)
    assert.equal(keys.isCurrent(), true)
  })

  it('are current while no change can have been missed', async () => {
    const { keys, state, reads, notify } = await loaded('a')
    assert.equal(keys.isCurrent(), true)
    state.isFresh = false
    assert.equal(keys.isCurrent(), false)
    state.isFresh = true
    notify(CHANGED)
    reads[1]?.resolve([key('a')])
    await settle()
    assert.equal(keys.isCurrent(), true)
  })

  it('are read for an unknown key at a bounded rate', async () => {
    const { keys, reads, clock } = await loaded('a')
    clock.now = REREAD_MS - 1
    assert.equal(keys.verifierFor('unknown'), undefined)
    assert.equal(reads.length, 1)
    clock.now = REREAD_MS
    const [one, two] = [keys.verifierFor('unknown'), keys.verifierFor('another')]
    assert.ok(one instanceof Promise && two instanceof Promise)
    assert.equal(reads.length, 2)
    reads[1]?.resolve([key('a')])
    assert.deepEqual([await one, await two], [undefined, undefined])
    await settle()
    assert.equal(keys.verifierFor('unknown'), undefined)
    assert.equal(reads.length, 2)
  })

  it('answer for a known key at once, also during a read', async () => {
    const { keys, reads, notify } = await loaded('a')
    notify(CHANGED)
    assert.equal(typeof keys.verifierFor('a'), 'function')
    reads[1]?.resolve([])
  })

  it('are made once for the same rows', async () => {
    const { keys, reads, notify, logged } = await loaded('a')
    const before = keys.verifierFor('a')
    notify(CHANGED)
    reads[1]?.resolve([key('a')])
    await settle()
    assert.equal(keys.verifierFor('a'), before)
    assert.deepEqual(logged, ['info'])
  })

  it('do not follow the channel after their end', async () => {
    const { keys, reads, notify, listeners } = await loaded('a')
    keys.close()
    notify(CHANGED)
    assert.deepEqual([listeners.size, reads.length], [0, 1])
  })
})
