import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  ADMINISTRATION,
  IDENTITY_SCOPES,
  identityScopeNames,
  isIdentityScope,
  PERMISSIONS,
  type Permission,
  permissionNames,
  scopeNames,
} from './scopes.ts'

it('the permissions are the published ones, in their order', () => {
  assert.deepEqual(permissionNames(), [
    'read:sandboxes',
    'write:sandboxes',
    'read:snapshots',
    'write:snapshots',
    'read:volumes',
    'write:volumes',
    'read:registries',
    'write:registries',
    'admin:organization',
  ])
  assert.equal(ADMINISTRATION, permissionNames().at(-1))
})

it('the scopes are those of identity, then the permissions', () => {
  assert.deepEqual(identityScopeNames(), ['openid', 'profile', 'email', 'offline_access'])
  assert.deepEqual(scopeNames(), [...identityScopeNames(), ...permissionNames()])
  for (const name of identityScopeNames()) assert.ok(isIdentityScope(name))
  for (const name of ['', 'read:sandboxes', 'constructor', '__proto__']) assert.equal(isIdentityScope(name), false)
})

it('the lists cannot be extended by their readers', () => {
  assert.throws(() => (permissionNames() as Permission[]).push('read:sandboxes'), TypeError)
  assert.throws(() => (identityScopeNames() as string[]).push('address'), TypeError)
})

it('people are shown a sentence for each', () => {
  for (const sentence of [...Object.values(PERMISSIONS), ...Object.values(IDENTITY_SCOPES)]) {
    assert.match(sentence, /^[A-Z][a-z, ]+$/)
  }
})
