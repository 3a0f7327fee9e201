import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { recentCredentials } from './recent-credentials.ts'

const KEPT_MS = 1000
const SIZE = 4096
const mockTimeout = (t: TestContext) => t.mock.timers.enable({ apis: ['setTimeout'] })

describe('the texts of recent credentials', () => {
  it('find nothing that was not added', () => {
    const recent = recentCredentials<number>()
    assert.equal(recent.get('a'), undefined)
    recent.add('a', 1)
    for (const text of ['', 'A', 'a ', 'b']) assert.equal(recent.get(text), undefined, text)
    assert.equal(recent.get('a'), 1)
    recent.clear()
  })

  it('are dropped a second after the first of them was added', (t) => {
    mockTimeout(t)
    const recent = recentCredentials<number>()
    recent.add('a', 1)
    t.mock.timers.tick(KEPT_MS - 1)
    recent.add('b', 2)
    assert.deepEqual([recent.get('a'), recent.get('b')], [1, 2])
    t.mock.timers.tick(1)
    assert.deepEqual([recent.get('a'), recent.get('b')], [undefined, undefined])
  })

  it('are not kept longer by further uses', (t) => {
    mockTimeout(t)
    const recent = recentCredentials<number>()
    for (let passed = 0; passed < KEPT_MS; passed += 100) {
      recent.add('a', passed)
      assert.equal(recent.get('a'), passed)
      t.mock.timers.tick(100)
    }
    assert.equal(recent.get('a'), undefined)
  })

  it('are kept for a second again after they were dropped', (t) => {
    mockTimeout(t)
    const recent = recentCredentials<number>()
    for (let round = 0; round < 3; round += 1) {
      recent.add('a', round)
      t.mock.timers.tick(KEPT_MS - 1)
      assert.equal(recent.get('a'), round)
      t.mock.timers.tick(1)
      assert.equal(recent.get('a'), undefined)
    }
  })

  it('are dropped at once by clear, whose earlier timer drops nothing later', (t) => {
    mockTimeout(t)
    const recent = recentCredentials<number>()
    recent.add('a', 1)
    t.mock.timers.tick(KEPT_MS / 2)
    recent.clear()
    assert.equal(recent.get('a'), undefined)
    recent.add('b', 2)
    t.mock.timers.tick(KEPT_MS / 2)
    assert.equal(recent.get('b'), 2, 'it has half a second left')
    t.mock.timers.tick(KEPT_MS / 2)
    assert.equal(recent.get('b'), undefined)
  })

  it('are 4096 at most, and those that were added remain', () => {
    const recent = recentCredentials<number>()
    for (let number = 0; number <= SIZE; number += 1) recent.add(String(number), number)
    assert.deepEqual(
      [0, SIZE - 1, SIZE].map((number) => recent.get(String(number))),
      [0, SIZE - 1, undefined],
    )
    recent.clear()
    recent.add('next', 1)
    assert.equal(recent.get('next'), 1)
    recent.clear()
  })

  it('do not keep a process running', () => {
    const recent = recentCredentials<number>()
    const timers = () => process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length
    const before = timers()
    recent.add('a', 1)
    assert.equal(timers(), before)
    recent.clear()
  })

  it('have the latest answer of each text, for every order of additions', () => {
    const addition = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat())
    fc.assert(
      fc.property(fc.array(addition), (additions) => {
        const recent = recentCredentials<number>()
        for (const [text, mark] of additions) recent.add(text, mark)
        const expected = new Map<string, number>(additions)
        for (const text of ['a', 'b', 'c']) assert.equal(recent.get(text), expected.get(text))
        recent.clear()
      }),
    )
  })
})
