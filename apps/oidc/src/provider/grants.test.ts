import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '@daytona-auth/db'
import { termsFor } from './grants.ts'

const organizations = [newId('org')]
const request = {
  requested: ['openid', 'profile', 'read:sandboxes'],
  isFirstParty: false,
  skipsConsent: false,
  hasJustAnswered: false,
  consent: undefined,
}

describe('the terms of an authorization', () => {
  it('are none where nothing was agreed to', () => {
    assert.equal(termsFor(request), undefined)
    assert.equal(termsFor({ ...request, isFirstParty: true }), undefined)
  })

  it('are all that the dashboard asks for, in all organizations', () => {
    assert.deepEqual(termsFor({ ...request, isFirstParty: true, skipsConsent: true }), {
      granted: request.requested,
      rejected: [],
      organizationIds: null,
    })
  })

  it('are what was agreed to of what is asked for, and never more than is asked for', () => {
    const consent = { scopes: ['openid', 'profile', 'email', 'admin:organization'], organizationIds: organizations }
    assert.deepEqual(termsFor({ ...request, consent }), {
      granted: ['openid', 'profile'],
      rejected: [],
      organizationIds: organizations,
    })
  })

  it('reject what was left out in the answer just given, so that it is not asked again', () => {
    const consent = { scopes: ['openid'], organizationIds: [] }
    assert.deepEqual(termsFor({ ...request, consent, hasJustAnswered: true }), {
      granted: ['openid'],
      rejected: ['profile', 'read:sandboxes'],
      organizationIds: [],
    })
  })

  it('name no organizations for the CLI, which acts as the user', () => {
    const consent = { scopes: request.requested, organizationIds: organizations }
    assert.equal(termsFor({ ...request, isFirstParty: true, consent })?.organizationIds, null)
  })
})
