import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { permissionNames } from '@daytona-auth/protocol/scopes'
import {
  ALL_PERMISSIONS,
  intersect,
  NO_PERMISSIONS,
  namesOf,
  type PermissionSet,
  parsePermissions,
  permissionsBeyond,
  permits,
  union,
} from './permission.ts'

// All 512 sets, and all 262,144 pairs of them: there is no set that these tests have not seen.
const NAMES = permissionNames()
const SETS = Array.from({ length: 2 ** NAMES.length }, (_, bits) =>
  parsePermissions(NAMES.filter((_, at) => bits & (1 << at))),
)

/** What a set permits, as bits in the order of names: the only meaning that a set has. */
const MEANING = new Map(
  SETS.map((set) => [set, NAMES.reduce((bits, name, at) => bits | (permits(set, name) ? 1 << at : 0), 0)]),
)
const meaningOf = (set: PermissionSet): number => {
  const meaning = MEANING.get(set)
  assert.ok(meaning !== undefined, `${set} is no set of permissions`)
  return meaning
}

/** Fails with the first pair for which `holds` is false. One assertion a pair would take ten times as long. */
function forAllPairs(holds: (left: PermissionSet, right: PermissionSet) => boolean): void {
  for (const left of SETS) {
    for (const right of SETS) {
      if (!holds(left, right)) assert.fail(`[${namesOf(left)}] and [${namesOf(right)}]`)
    }
  }
}

describe('the lattice of all permission sets', () => {
  it('has 512 different sets, each of which is the set of its names', () => {
    assert.equal(new Set(SETS).size, 512)
    for (const set of SETS) assert.equal(parsePermissions(namesOf(set)), set)
    assert.deepEqual([SETS[0], SETS.at(-1)], [NO_PERMISSIONS, ALL_PERMISSIONS])
  })

  it('permits everything to the 256 sets with administration, and exactly its names to each other set', () => {
    const everything = (1 << NAMES.length) - 1
    for (const set of SETS) {
      const names = namesOf(set)
      const expected = names.includes('admin:organization')
        ? everything
        : names.reduce((bits, name) => bits | (1 << NAMES.indexOf(name)), 0)
      assert.equal(meaningOf(set), expected, names.join())
    }
  })

  it('intersects two sets to what both permit', () => {
    forAllPairs((left, right) => meaningOf(intersect(left, right)) === (meaningOf(left) & meaningOf(right)))
  })

  it('unites two sets to what either permits', () => {
    forAllPairs((left, right) => meaningOf(union(left, right)) === (meaningOf(left) | meaningOf(right)))
  })

  it('absorbs: no detour over another set adds or removes anything', () => {
    forAllPairs(
      (left, right) =>
        meaningOf(intersect(left, union(left, right))) === meaningOf(left) &&
        meaningOf(union(left, intersect(left, right))) === meaningOf(left),
    )
  })

  it('lets a holder grant another set if and only if that permits nothing more', () => {
    forAllPairs(
      (requested, held) =>
        (permissionsBeyond(requested, held).length === 0) === ((meaningOf(requested) & ~meaningOf(held)) === 0),
    )
  })

  it('names exactly the requested permissions that the holder lacks', () => {
    forAllPairs((requested, held) => {
      const beyond = permissionsBeyond(requested, held)
      const expected = namesOf(requested).filter((name) => !permits(held, name))
      return beyond.length === expected.length && beyond.every((name, at) => name === expected[at])
    })
  })

  it('never gives a chain of credentials more than any of its links', () => {
    // Chains of three over the sets with at most two names, which include administration.
    const small = SETS.filter((set) => namesOf(set).length <= 2)
    for (const key of small) {
      for (const parent of small) {
        const both = intersect(key, parent)
        for (const owner of small) {
          const effective = meaningOf(intersect(both, owner))
          if (effective !== (meaningOf(key) & meaningOf(parent) & meaningOf(owner)))
            assert.fail(`${namesOf(key)} ${namesOf(parent)} ${namesOf(owner)}`)
        }
      }
    }
  })
})
