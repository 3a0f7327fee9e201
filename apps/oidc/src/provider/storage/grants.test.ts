import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import { rememberedTerms } from './grants.ts'

const [a, b, c] = [newId('org'), newId('org'), newId('org')]
const IDENTITY = ['openid', 'profile', 'email']
const agreed = (
  organizations: readonly [OrganizationId, string[]][],
  scopes = IDENTITY,
  declined: readonly string[] = [],
) => ({
  scopes,
  declined,
  organizations: organizations.map(([id, permissions]) => ({ id, scopes: permissions })),
})

describe('the remembered terms', () => {
  it('are undefined if a requested scope was never agreed to', () => {
    assert.equal(rememberedTerms(['openid'], agreed([], [])), undefined)
    assert.equal(rememberedTerms(['openid', 'read:sandboxes'], agreed([])), undefined)
    assert.equal(rememberedTerms(['openid', 'profile'], agreed([[a, ['read:sandboxes']]], ['openid'])), undefined)
  })

  it('are undefined if the permissions were agreed to in different organizations', () => {
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

  it('count a permission as agreed to only by its own name', () => {
    assert.equal(rememberedTerms(['read:sandboxes'], agreed([[a, ['admin:organization']]])), undefined)
  })

  it('are the requested scopes, in the organizations where all of them were agreed to', () => {
    const consent = agreed([
      [a, ['read:sandboxes', 'write:sandboxes']],
      [b, ['read:sandboxes']],
      [c, ['read:volumes']],
    ])
    assert.deepEqual(rememberedTerms(['openid', 'read:sandboxes'], consent), {
      scopes: ['openid', 'read:sandboxes'],
      declined: [],
      organizationIds: [a, b],
    })
    assert.deepEqual(rememberedTerms(['openid', 'email'], consent), {
      scopes: ['openid', 'email'],
      declined: [],
      organizationIds: [],
    })
  })

  it('leave out what the user declined before, and are undefined if nothing else was requested', () => {
    const consent = agreed([[a, ['read:sandboxes']]], ['openid'], ['email', 'write:sandboxes'])
    assert.deepEqual(rememberedTerms(['openid', 'email', 'read:sandboxes', 'write:sandboxes'], consent), {
      scopes: ['openid', 'read:sandboxes'],
      declined: ['email', 'write:sandboxes'],
      organizationIds: [a],
    })
    assert.deepEqual(rememberedTerms(['openid', 'write:sandboxes'], consent), {
      scopes: ['openid'],
      declined: ['write:sandboxes'],
      organizationIds: [],
    })
    assert.equal(rememberedTerms(['write:sandboxes'], consent), undefined)
    assert.equal(rememberedTerms(['openid', 'profile'], consent), undefined)
  })
})
