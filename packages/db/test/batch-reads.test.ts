import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { batchReads } from '../src/core/index.ts'

const digestOf = (number: number): Uint8Array => Buffer.from(String(number))

/** Reads rows of even numbers, and records what each statement asked for. */
function evenRows() {
  const statements: string[][] = []
  const read = batchReads(async (digests) => {
    const asked = digests.map((digest) => Buffer.from(digest).toString())
    statements.push(asked)
    return asked.filter((text) => Number(text) % 2 === 0).map((text) => ({ digest: Buffer.from(text), text }))
  })
  return { read, statements }
}

describe('reads in batches', () => {
  it('share a statement in the same turn of the event loop, each with its own row or none', async () => {
    const { read, statements } = evenRows()
    const rows = await Promise.all([1, 2, 3, 4, 4].map((number) => read(digestOf(number))))
    assert.deepEqual(
      rows.map((row) => row?.text),
      [undefined, '2', undefined, '4', '4'],
    )
    assert.deepEqual(statements, [['1', '2', '3', '4', '4']])
  })

  it('do not wait for those of a later turn', async () => {
    const { read, statements } = evenRows()
    const first = read(digestOf(2))
    await turn()
    await Promise.all([first, read(digestOf(4))])
    assert.deepEqual(statements, [['2'], ['4']])
  })

  it('have at most a hundred digests', async () => {
    const { read, statements } = evenRows()
    await Promise.all(Array.from({ length: 201 }, (_, index) => read(digestOf(index))))
    assert.deepEqual(
      statements.map(({ length }) => length),
      [100, 100, 1],
    )
  })

  it('fail together, and the next ones do not', async () => {
    let isFailing = true
    const read = batchReads(async (digests) => {
      if (isFailing) throw new Error('the connection ended')
      return digests.map((digest) => ({ digest }))
    })
    const outcomes = await Promise.allSettled([read(digestOf(1)), read(digestOf(2))])
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    isFailing = false
    assert.ok(await read(digestOf(1)))
  })
})
