import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { OrganizationId } from '@daytona-auth/db/core'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import { permissionNames } from '@daytona-auth/protocol/scopes'
import { waitFor } from '@daytona-auth/testing'
import { bearer, guardedServer, METADATA, pathOf } from './guarded-server.ts'
import { claimsOf, sign } from './world.ts'

// An organization that requires a second factor, and one of the same owner that does not.
const { here, owner, home, signer, server } = await guardedServer({ after })
const strict = await here.organization(owner)
await here.sql`UPDATE organizations SET require_second_factor = true WHERE id = ${strict}`
const key = await here.key(owner, strict, { permissions: ['admin:organization'], reaches: [strict, home] })

const CHALLENGE =
  `Bearer error="insufficient_user_authentication", acr_values="${ACR.trustedBrowser}", ` +
  `resource_metadata="${METADATA}", error_description="This needs a sign-in with a second factor"`
const DENIED = {
  statusCode: 401,
  message: 'Unauthorized',
  error: 'A stronger or more recent sign-in is required',
}

interface Signed {
  readonly isFirstParty?: boolean
  readonly scope?: string
  readonly organizations?: readonly OrganizationId[]
}

/** A token of the owner with that `acr`; undefined: without the claim. */
async function token(
  acr: unknown,
  { isFirstParty = true, scope = 'openid', organizations = [strict, home] }: Signed = {},
) {
  const clientId = await here.client({ isFirstParty })
  const grantId = await here.grant(owner, clientId, {
    scopes: scope.split(' '),
    organizationIds: isFirstParty ? null : [...organizations],
  })
  const claims = claimsOf({ userId: owner, clientId, grantId }, { scope, ...(acr !== undefined && { acr }) })
  return sign(signer, claims)
}

const WEAK = {
  'no acr': await token(undefined),
  'an empty acr': await token(''),
  'the acr of a password': await token(ACR.password),
  'an unknown acr': await token('urn:example:strong'),
  'an acr in capitals': await token(ACR.multiFactor.toUpperCase()),
  'an acr with a space': await token(`${ACR.multiFactor} `),
  'two acr in one text': await token(`${ACR.password} ${ACR.multiFactor}`),
}
const STRONG = {
  'the acr of a second factor': await token(ACR.multiFactor),
  'the acr of a trusted browser': await token(ACR.trustedBrowser),
}

/** The routes that select an organization, each by its way of naming it. */
const routesOf = (organization: OrganizationId) => [
  ...['/here', ...permissionNames().map(pathOf)].map((url) => ({ method: 'GET' as const, url })),
  { method: 'GET' as const, url: `/organizations/${organization}/apps` },
  { method: 'DELETE' as const, url: `/organizations/${organization}` },
  { method: 'POST' as const, url: '/sandbox' },
]
const statusesIn = async (organization: OrganizationId, credential: string) => {
  const headers = { ...bearer(credential), 'x-daytona-organization-id': organization }
  return Promise.all(routesOf(organization).map((route) => server.inject({ ...route, headers })))
}

describe('an organization that requires a second factor', () => {
  for (const [what, credential] of Object.entries(WEAK)) {
    it(`refuses a token with ${what} on every route, with what to do`, async () => {
      for (const answer of await statusesIn(strict, credential)) {
        assert.deepEqual([answer.statusCode, answer.json()], [401, DENIED])
        assert.equal(answer.headers['www-authenticate'], CHALLENGE)
        assert.equal(answer.headers['x-error-code'], 'insufficient_user_authentication')
      }
    })

    it(`leaves a token with ${what} what it has elsewhere`, async () => {
      for (const answer of await statusesIn(home, credential)) assert.equal(answer.statusCode, 200, answer.body)
      for (const url of ['/me', '/self']) {
        const answer = await server.inject({ url, headers: bearer(credential) })
        assert.deepEqual([answer.statusCode, answer.json()], [200, { who: owner }])
      }
    })
  }

  for (const form of [0, null, true, ['urn:daytona:acr:mfa'], { value: ACR.multiFactor }]) {
    it(`refuses a token whose acr is ${JSON.stringify(form)} as invalid, everywhere`, async () => {
      const credential = await token(form)
      for (const organization of [strict, home]) {
        const answer = await server.inject({
          url: '/here',
          headers: { ...bearer(credential), 'x-daytona-organization-id': organization },
        })
        assert.deepEqual([answer.statusCode, answer.headers['x-error-code']], [401, 'invalid_credential'])
      }
    })
  }

  it('asks a third-party app for the sign-in before it says which scope is missing', async () => {
    const ask = async (acr: string) => {
      const credential = await token(acr, { isFirstParty: false, scope: 'openid read:sandboxes' })
      const headers = { ...bearer(credential), 'x-daytona-organization-id': strict }
      const answers = await Promise.all(
        (['read:sandboxes', 'write:sandboxes'] as const).map((name) => server.inject({ url: pathOf(name), headers })),
      )
      return answers.map(({ statusCode }) => statusCode)
    }
    assert.deepEqual(await ask(ACR.password), [401, 401])
    assert.deepEqual(await ask(ACR.multiFactor), [200, 403])
  })

  for (const [what, credential] of Object.entries({ ...STRONG, 'an API key': key.key })) {
    it(`admits ${what}`, async () => {
      const isKey = credential === key.key
      for (const [place, answer] of (await statusesIn(strict, credential)).entries()) {
        const isForPeople = routesOf(strict)[place]?.method === 'DELETE'
        assert.equal(answer.statusCode, isKey && isForPeople ? 403 : 200, answer.body)
      }
    })
  }

  it('decides again for a cached token when the requirement changes', async () => {
    const organization = await here.organization(owner)
    const credential = await token(ACR.password)
    const headers = { ...bearer(credential), 'x-daytona-organization-id': organization }
    const status = async () => (await server.inject({ url: '/here', headers })).statusCode
    assert.deepEqual([await status(), await status()], [200, 200])
    for (const [isRequired, expected] of [
      [true, 401],
      [false, 200],
    ] as const) {
      await here.sql`UPDATE organizations SET require_second_factor = ${isRequired} WHERE id = ${organization}`
      await waitFor(async () => (await status()) === expected)
    }
  })
})
