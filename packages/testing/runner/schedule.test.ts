import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { runAll } from './schedule.ts'

interface Part {
  readonly name: string
  readonly isolated: readonly string[]
  readonly shared: readonly string[]
  left: number
  remaining(): number
}

const part = (name: string, sharedFiles: number, isolated: readonly string[] = []): Part => ({
  name,
  isolated,
  shared: Array.from({ length: sharedFiles }, (_, place) => `${place}.test.ts`),
  left: sharedFiles,
  remaining() {
    return this.left
  },
})

/** Runs the parts; a process of shared files runs `perProcess` of them at most. Returns what was started, in order. */
async function started(parts: readonly Part[], slots: number, perProcess = Number.POSITIVE_INFINITY) {
  const starts: string[] = []
  let running = 0
  await runAll(parts, slots, async ({ part: one, file }) => {
    running += 1
    assert.ok(running <= slots)
    starts.push(`${one.name} ${file ?? 'shared'}`)
    for (let ran = 0; file === undefined && one.left > 0 && ran < perProcess; ran += 1) {
      one.left -= 1
      await turn()
    }
    await turn()
    running -= 1
  })
  return starts
}

describe('runAll', () => {
  it('starts every isolated file first, then a process for the shared files of each part, the largest part last', async () => {
    const parts = [part('large', 5, ['b', 'c']), part('small', 1, ['a'])]
    assert.deepEqual(await started(parts, 1), ['small a', 'large b', 'large c', 'small shared', 'large shared'])
  })

  it('uses free slots for the part with the most files left', async () => {
    assert.deepEqual(await started([part('large', 9), part('small', 1)], 2), [
      'small shared',
      'large shared',
      'large shared',
    ])
  })

  it('starts another process if one ended early', async () => {
    assert.deepEqual(await started([part('large', 5)], 1, 2), ['large shared', 'large shared', 'large shared'])
  })

  it('starts no further process for a part of which one began no file', async () => {
    assert.deepEqual(await started([part('large', 5)], 2, 0), ['large shared', 'large shared'])
  })
})
