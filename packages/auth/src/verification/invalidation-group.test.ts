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
