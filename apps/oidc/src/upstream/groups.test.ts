import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readGroups } from './groups.ts'

describe('readGroups', () => {
  it('reads a list of texts, and one text, each group once', () => {
    assert.deepEqual(readGroups({ groups: ['a', 'b', 'a', 7, null, ['c']] }, 'groups'), { names: ['a', 'b'] })
    assert.deepEqual(readGroups({ groups: 'a b' }, 'groups'), { names: ['a b'] })
    assert.deepEqual(readGroups({ 'https://a.example/groups': [] }, 'https://a.example/groups'), { names: [] })
    const many = Array.from({ length: 1000 }, (_, at) => `group ${at}`)
    assert.deepEqual(readGroups({ groups: many }, 'groups'), { names: many })
  })

  const NONE: Readonly<Record<string, readonly [Readonly<Record<string, unknown>>, string]>> = {
    'an absent claim': [{}, 'is absent'],
    'the name of a member of every object': [{}, 'is absent'],
    null: [{ groups: null }, 'is neither a list nor a text'],
    'an object': [{ groups: { a: true, length: 1 } }, 'is neither a list nor a text'],
    'a number': [{ groups: 1 }, 'is neither a list nor a text'],
    'more groups than are read': [
      { groups: Array.from({ length: 1001 }, (_, at) => `${at}`) },
      'has more than 1000 groups',
    ],
    'a claim that is stated elsewhere': [
      { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph.example' } } },
      'is too long for the provider',
    ],
  }
  for (const [what, [claims, problem]] of Object.entries(NONE)) {
    it(`reads no groups from ${what}`, () => {
      const claim = what.startsWith('the name') ? 'toString' : 'groups'
      assert.deepEqual(readGroups(claims, claim), { names: [], problem: `groups claim ${problem}` })
    })
  }
})
