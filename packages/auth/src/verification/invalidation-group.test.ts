import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Change } from './cache.ts'
import { invalidationGroup } from './invalidation-group.ts'
import type { Verifier } from './verifier.ts'

const CHANGE: Change = { kind: 'client', id: 'app_1' }

/** The members of a verifier that a group uses. */
function recording() {
  const invalidated: Change[] = []
  let isClosed = false
  const verifier = {
    invalidate: (change: Change) => void invalidated.push(change),
    close: () => {
      isClosed = true
    },
  } as unknown as Verifier
  return { verifier, invalidated, isClosed: () => isClosed }
}

describe('invalidationGroup', () => {
  it('invalidates a change of one member at every member, itself included', () => {
    const group = invalidationGroup()
    const [one, two] = [recording(), recording()]
    const [first] = [group.join(one.verifier), group.join(two.verifier)]
    const others: Change[] = []
    group.subscribe((change) => others.push(change))
    first.invalidate(CHANGE)
    assert.deepEqual([one.invalidated, two.invalidated, others], [[CHANGE], [CHANGE], [CHANGE]])
  })

  it('has invalidated everywhere when it returns, before a response can be sent', () => {
    const group = invalidationGroup()
    const order: string[] = []
    const member = (name: string) =>
      group.join({ ...recording().verifier, invalidate: () => void order.push(name) } as Verifier)
    const [first] = [member('first'), member('second'), member('third')]
    first?.invalidate(CHANGE)
    order.push('returned')
    assert.deepEqual(order, ['first', 'second', 'third', 'returned'])
  })

  it('passes the other members of a verifier on', async () => {
    const group = invalidationGroup()
    const verifier = { ...recording().verifier, isReady: () => true, verify: () => 'answer' } as unknown as Verifier
    const member = group.join(verifier)
    assert.deepEqual([member.isReady(), member.verify('a', 'b')], [true, 'answer'])
  })

  it('keeps groups apart, and a member that leaves twice leaves once', () => {
    const [group, other] = [invalidationGroup(), invalidationGroup()]
    const [one, two] = [recording(), recording()]
    const first = group.join(one.verifier)
    other.join(two.verifier)
    first.invalidate(CHANGE)
    assert.deepEqual([one.invalidated, two.invalidated], [[CHANGE], []])
    first.close()
    first.close()
    first.invalidate(CHANGE)
    assert.equal(one.invalidated.length, 1)
  })

  it('calls no member that has left', () => {
    const group = invalidationGroup()
    const [one, two] = [recording(), recording()]
    const [first, second] = [group.join(one.verifier), group.join(two.verifier)]
    const unsubscribe = group.subscribe(() => assert.fail('still subscribed'))
    unsubscribe()
    second.close()
    first.invalidate(CHANGE)
    assert.deepEqual([two.invalidated, two.isClosed(), one.isClosed()], [[], true, false])
  })
})
