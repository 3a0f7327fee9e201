import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { connect } from '@daytona-auth/db/core'
import { boundedReader, within } from './database-reader.ts'

// Nothing connects: the reads of these tests are promises of their own.
const database = connect('postgres://user@127.0.0.1:1/nothing')

describe('a bounded reader', () => {
  it('passes the client, and returns or throws what the read does', async () => {
    const { read } = boundedReader({ database, timeoutMs: 1000 })
    assert.equal(await read(async (sql) => sql === database.$client && 'read'), 'read')
    await assert.rejects(
      read(async () => {
        throw new Error('no such table')
      }),
      /no such table/,
    )
  })

  it('throws at its timeout, and ignores how the read ends later', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { read } = boundedReader({ database, timeoutMs: 50 })
    for (const end of ['resolve', 'reject'] as const) {
      const late = Promise.withResolvers<string>()
      const reading = read(() => late.promise)
      t.mock.timers.tick(50)
      await assert.rejects(reading, /no answer in 50 ms/)
      late[end]('too late' as never)
      await late.promise.catch(() => {})
    }
  })

  it('refuses another read while 5,000 are pending, timed out ones included, and admits one after an end', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { read } = boundedReader({ database, timeoutMs: 50 })
    const { promise, resolve } = Promise.withResolvers<string>()
    const one = Promise.withResolvers<string>()
    const reads = [read(() => one.promise), ...Array.from({ length: 4999 }, () => read(() => promise))]
    const settled = Promise.allSettled(reads)
    t.mock.timers.tick(50)
    assert.equal((await settled).filter(({ status }) => status === 'rejected').length, 5000)
    let isAsked = false
    const refused = read(async () => {
      isAsked = true
    })
    await assert.rejects(refused, /too many reads/)
    assert.equal(isAsked, false)
    one.resolve('ended')
    await one.promise
    await new Promise(setImmediate)
    assert.equal(await read(async () => 'admitted'), 'admitted')
    resolve('ended')
  })
})

describe('within', () => {
  it('returns the result in time, without calling back', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let calls = 0
    const count = () => {
      calls += 1
    }
    assert.equal(await within(10, Promise.resolve('done'), count), 'done')
    t.mock.timers.tick(1000)
    assert.equal(calls, 0)
  })

  it('calls back once and throws after the time, and not a millisecond before', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let calls = 0
    const count = () => {
      calls += 1
    }
    const waiting = within(10, new Promise(() => {}), count)
    t.mock.timers.tick(9)
    assert.equal(calls, 0)
    t.mock.timers.tick(1)
    await assert.rejects(waiting, /no answer in 10 ms/)
    assert.equal(calls, 1)
  })
})
