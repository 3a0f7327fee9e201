import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Permission, permissionNames } from '@daytona-auth/protocol/scopes'
import fc from 'fast-check'
import {
  ALL_PERMISSIONS,
  intersect,
  isPermission,
  NO_PERMISSIONS,
  namesOf,
  type PermissionSet,
  parsePermissions,
  permissionsBeyond,
  permits,
} from './permission.ts'

const ALL = permissionNames()
const ORDINARY = ALL.slice(0, -1)

/** Names that are not permissions: unknown names, near misses and inherited members of objects. */
const STRANGERS = [
  '',
  'read',
  'read:',
  ':sandboxes',
  'read:sandbox',
  'READ:SANDBOXES',
  ' read:sandboxes',
  'read:sandboxes ',
  'read:sandboxes write:sandboxes',
  'write:*',
  '*',
  'admin',
  'admin:organizations',
  'openid',
  'profile',
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
]

const permission = () => fc.constantFrom(...ALL)
const names = () => fc.uniqueArray(permission())
const set = () => names().map((some) => parsePermissions(some))

/** The permissions that a set permits. Two sets are equivalent if this is equal. */
const meaning = (held: PermissionSet) => ALL.filter((required) => permits(held, required))

/** An argument as a cast or untyped code could pass it. */
const unsound = (value: unknown) => value as Permission

describe('isPermission', () => {
  for (const stranger of STRANGERS) {
    it(`refuses ${JSON.stringify(stranger)}`, () => assert.equal(isPermission(stranger), false))
  }

  it('accepts the nine', () => assert.equal(ALL.every(isPermission), true))
})

describe('permits', () => {
  it('permits nothing to the empty set', () => {
    assert.deepEqual(meaning(NO_PERMISSIONS), [])
    assert.deepEqual(meaning(parsePermissions([])), [])
  })

  for (const stranger of [...STRANGERS, undefined, null, 0, {}, []]) {
    it(`denies ${JSON.stringify(stranger)} to everyone, to an admin as well`, () => {
      assert.equal(permits(NO_PERMISSIONS, unsound(stranger)), false)
      assert.equal(permits(parsePermissions(['admin:organization']), unsound(stranger)), false)
      assert.equal(permits(ALL_PERMISSIONS, unsound(stranger)), false)
    })
  }

  for (const held of ALL) {
    for (const required of ALL) {
      const expected = held === required || held === 'admin:organization'
      it(`${held} alone ${expected ? 'permits' : 'does not permit'} ${required}`, () => {
        assert.equal(permits(parsePermissions([held]), required), expected)
      })
    }
  }

  it('does not permit administration to a holder of everything else', () => {
    assert.equal(permits(parsePermissions(ORDINARY), 'admin:organization'), false)
  })

  it('permits everything to an owner', () => assert.deepEqual(meaning(ALL_PERMISSIONS), ALL))
})

describe('parsePermissions', () => {
  it('grants nothing for unknown names', () => {
    assert.equal(parsePermissions(STRANGERS), NO_PERMISSIONS)
    fc.assert(
      fc.property(names(), fc.array(fc.string()), (known, any) => {
        const strangers = any.filter((name) => !isPermission(name))
        assert.equal(parsePermissions([...strangers, ...known]), parsePermissions(known))
      }),
    )
  })

  it('is the inverse of namesOf, in display order and without repetitions', () => {
    fc.assert(
      fc.property(fc.array(permission()), (some) => {
        assert.deepEqual(
          namesOf(parsePermissions(some)),
          ALL.filter((name) => some.includes(name)),
        )
      }),
    )
  })
})

describe('excess', () => {
  it('returns everything for the empty set', () => {
    assert.deepEqual(permissionsBeyond(ALL_PERMISSIONS, NO_PERMISSIONS), ALL)
  })

  it('returns administration for a holder of everything else', () => {
    assert.deepEqual(permissionsBeyond(ALL_PERMISSIONS, parsePermissions(ORDINARY)), ['admin:organization'])
  })

  it('returns reading for a writer', () => {
    assert.deepEqual(
      permissionsBeyond(parsePermissions(['read:volumes', 'write:volumes']), parsePermissions(['write:volumes'])),
      ['read:volumes'],
    )
  })

  it('is empty for an admin', () => {
    fc.assert(
      fc.property(set(), (some) =>
        assert.deepEqual(permissionsBeyond(some, parsePermissions(['admin:organization'])), []),
      ),
    )
  })

  it('is empty for held permissions', () => {
    fc.assert(fc.property(set(), (some) => assert.deepEqual(permissionsBeyond(some, some), [])))
  })
})

describe('intersect', () => {
  it('is empty for a key whose owner has no permissions', () => {
    fc.assert(fc.property(set(), (some) => assert.deepEqual(meaning(intersect(some, NO_PERMISSIONS)), [])))
  })

  it('limits an admin key to the permissions of its owner', () => {
    const admin = parsePermissions(['admin:organization'])
    fc.assert(
      fc.property(names(), (held) => {
        const owner = parsePermissions(held)
        assert.deepEqual(meaning(intersect(admin, owner)), meaning(owner))
      }),
    )
  })

  it('never yields admin from two sets without admin', () => {
    assert.equal(
      permits(intersect(parsePermissions(ORDINARY), parsePermissions(ORDINARY)), 'admin:organization'),
      false,
    )
  })
})
