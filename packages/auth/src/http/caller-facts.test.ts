import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '@daytona-auth/db/core'
import { NO_PERMISSIONS } from '../principal/permission.ts'
import type { ApiKeyPrincipal, KnownKey, TokenPrincipal } from '../principal/principal.ts'
import { callerFacts } from './caller-facts.ts'

const known: KnownKey = {
  keyId: newId('key'),
  homeOrganizationId: newId('org'),
  secretDigest: Buffer.alloc(32, 1),
}
const user = {
  userId: newId('usr'),
  userName: 'Ada',
  email: 'ada@example.com',
  emailVerified: true,
  userCreatedAt: 0,
  userUpdatedAt: 0,
  expiresAt: null,
  access: new Map(),
  denyingOrganizations: new Set<never>(),
}
const apiKey: ApiKeyPrincipal = {
  ...known,
  ...user,
  kind: 'api-key',
  keyName: 'deploy',
  hint: 'dta_abcd********************wxyz',
  isSuperseded: false,
  permissions: NO_PERMISSIONS,
  keyExpiresAt: null,
}
const token: TokenPrincipal = {
  ...user,
  kind: 'token',
  clientId: 'app_1',
  firstParty: false,
  chosenLanguage: null,
  timeZone: null,
  grantId: newId('grant'),
  tokenId: 'jti',
  signingKeyId: 'kid',
  confirmation: null,
  signIn: { acr: undefined, authenticatedAt: undefined },
  scopes: new Set(['openid']),
  grantExpiresAt: 0,
}

describe('the request log has of a caller', () => {
  const organizationId = newId('org')

  it('the id of a refused key, and not its owner, whose name it does not prove', () => {
    assert.deepEqual(callerFacts(known, undefined), {
      principal: 'api-key',
      keyId: known.keyId,
      organizationId: undefined,
    })
  })

  it('the id of a key and its owner', () => {
    assert.deepEqual(callerFacts(apiKey, organizationId), {
      principal: 'api-key',
      keyId: apiKey.keyId,
      userId: apiKey.userId,
      organizationId,
    })
  })

  it('the client of a token and its user, and not its grant', () => {
    assert.deepEqual(callerFacts(token, organizationId), {
      principal: 'token',
      clientId: 'app_1',
      userId: token.userId,
      organizationId,
    })
  })

  it('no name, no address, no hint and no digest', () => {
    for (const caller of [known, apiKey, token]) {
      const logged = JSON.stringify(callerFacts(caller, organizationId))
      for (const hidden of ['Ada', 'ada@example.com', 'deploy', 'dta_', 'jti']) {
        assert.ok(!logged.includes(hidden), `${hidden} in ${logged}`)
      }
    }
  })
})
