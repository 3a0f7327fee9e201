import assert from 'node:assert/strict'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { createEventStream } from './event-stream.ts'

describe('an event stream', () => {
  it('is in the format of server-sent events', async () => {
    const stream = createEventStream({ retryMs: 1234 })
    stream.setPosition('evt_0')
    stream.send({ name: 'audit', data: '{"a":1}', id: 'evt_1' })
    stream.sendComment()
    stream.send({ name: 'reset', data: '{}' })
    stream.end()
    stream.send({ name: 'late', data: '{}' })
    assert.equal(
      await text(stream.readable),
      'retry: 1234\n\nevent: position\nid: evt_0\ndata: {}\n\n' +
        'event: audit\nid: evt_1\ndata: {"a":1}\n\n:\n\nevent: reset\ndata: {}\n\n',
    )
  })

  it('is closed when more than 512 KiB wait, and takes no more', async () => {
    const stream = createEventStream({ retryMs: 1 })
    const closed = once(stream.readable, 'error')
    const data = JSON.stringify('x'.repeat(1024))
    for (let count = 0; count < 500; count += 1) stream.send({ name: 'audit', data })
    assert.equal(stream.readable.destroyed, false)
    for (let count = 0; count < 20; count += 1) stream.send({ name: 'audit', data })
    assert.equal(stream.readable.destroyed, true)
    assert.deepEqual(String(await closed), 'Error: the reader is too slow')
  })

  it('may be destroyed with an error before it is read, without ending the process', async () => {
    const { readable } = createEventStream({ retryMs: 1 })
    readable.destroy(new Error('the caller has lost access'))
    await new Promise<void>((resolve) => readable.once('close', resolve))
    assert.equal(readable.errored?.message, 'the caller has lost access')
  })

  it('is closed soon after its end if it is not read', async () => {
    const stream = createEventStream({ retryMs: 1, endMs: 10 })
    stream.end()
    await once(stream.readable, 'close')
  })

  it('waits until what was sent is read', async () => {
    const stream = createEventStream({ retryMs: 1 })
    for (let count = 0; count < 100; count += 1) stream.send({ name: 'audit', data: JSON.stringify('x'.repeat(1024)) })
    let isRead = false
    const read = stream.whenRead().then(() => {
      isRead = true
    })
    await new Promise(setImmediate)
    assert.equal(isRead, false)
    stream.readable.resume()
    await read
    stream.readable.destroy()
    await stream.whenRead()
  })
})
