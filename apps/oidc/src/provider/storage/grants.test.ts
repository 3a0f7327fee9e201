import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId, type OrganizationId } from '@daytona-auth/db'
import { rememberedTerms } from './grants.ts'

const [a, b, c] = [newId('org'), newId('org'), newId('org')]
const IDENTITY = ['openid', 'profile', 'email']
const agreed = (organizations: readonly [OrganizationId, string[]][], scopes = IDENTITY) => ({
  scopes,
  organizations: organizations.map(([id, permissions]) => ({ id, scopes: permissions })),
})

describe('the terms that are remembered', () => {
  it('are none where a requested scope was agreed to nowhere', () => {
    assert.equal(rememberedTerms(['openid'], agreed([], [])), undefined)
    assert.equal(rememberedTerms(['openid', 'read:sandboxes'], agreed([])), undefined)
    assert.equal(rememberedTerms(['openid', 'profile'], agreed([[a, ['read:sandboxes']]], ['openid'])), undefined)
  })

  it('are none where permissions were agreed to in different organizations', () => {
    const consent = agreed([
      [a, ['admin:organization']],
      [b, ['read:sandboxes']],
    ])
    assert.equal(rememberedTerms(['openid', 'admin:organization', 'read:sandboxes'], consent), undefined)
    const uneven = agreed([
      [a, ['read:sandboxes', 'write:sandboxes']],
      [b, ['read:sandboxes']],
    ])
    assert.equal(rememberedTerms(['read:sandboxes', 'write:sandboxes'], uneven), undefined)
  })

  it('count a permission as given by its name alone', () => {
    assert.equal(rememberedTerms(['read:sandboxes'], agreed([[a, ['admin:organization']]])), undefined)
  })

  it('are what is requested, in the organizations where all of it was agreed to', () => {
    const consent = agreed([
      [a, ['read:sandboxes', 'write:sandboxes']],
      [b, ['read:sandboxes']],
      [c, ['read:volumes']],
    ])
    assert.deepEqual(rememberedTerms(['openid', 'read:sandboxes'], consent), {
      scopes: ['openid', 'read:sandboxes'],
      organizationIds: [a, b],
    })
    assert.deepEqual(rememberedTerms(['openid', 'email'], consent), {
      scopes: ['openid', 'email'],
      organizationIds: [],
    })
  })
})
