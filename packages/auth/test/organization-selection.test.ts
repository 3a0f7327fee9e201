import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { OrganizationId } from '@daytona-auth/db/core'
import { bearer, FORBIDDEN, guardedServer } from './guarded-server.ts'
import { claimsOf, sign } from './world.ts'

// The table of the contract: what a credential has access to, and what the request names, decide. For each kind of credential.
const { here, foreign, process, serve, signer } = await guardedServer({ after })
const server = await serve()
const UNKNOWN = 'org_00000000000000000000000000' as OrganizationId
const [A, B] = [await here.organization(await here.user()), await here.organization(await here.user())]

/** A credential of each kind with access to these organizations. */
const KINDS: Record<string, (organizations: readonly OrganizationId[]) => Promise<string>> = {
  async 'an API key'(organizations) {
    const user = await memberOf(organizations)
    const home = organizations[0] ?? (await here.organization(user))
    const key = await here.key(user, home, {
      permissions: ['admin:organization'],
      reaches: organizations.length > 0 ? organizations : [home],
    })
    if (organizations.length === 0) await here.sql`DELETE FROM api_key_organizations WHERE key_id = ${key.id}`
    return key.key
  },
  async 'a third-party token'(organizations) {
    const user = await memberOf([A, B])
    const clientId = await here.client()
    const scopes = ['openid', 'admin:organization']
    const grantId = await here.grant(user, clientId, { scopes, organizationIds: organizations })
    return sign(signer, claimsOf({ userId: user, clientId, grantId }, { scope: scopes.join(' ') }))
  },
  async 'a first-party token'(organizations) {
    const user = await memberOf(organizations)
    const clientId = await here.client({ isFirstParty: true })
    return sign(signer, claimsOf({ userId: user, clientId, grantId: await here.grant(user, clientId) }))
  },
}

async function memberOf(organizations: readonly OrganizationId[]) {
  const user = await here.user()
  for (const organization of organizations) await here.member(organization, user, 'owner')
  return user
}

/** The answer of a route that selects its organization by the header. */
function expectedByHeader(
  access: readonly OrganizationId[],
  header: string | undefined,
): { readonly status: number; readonly body: object } {
  if (access.length === 0) return { status: 403, body: FORBIDDEN }
  if (header)
    return access.some((one) => one === header)
      ? { status: 200, body: { in: header } }
      : { status: 403, body: FORBIDDEN }
  if (access.length === 1) return { status: 200, body: { in: access[0] } }
  const error = `X-Daytona-Organization-ID header is required: this credential has access to ${access.length} organizations`
  return { status: 400, body: { statusCode: 400, message: 'Bad Request', error } }
}

/** The answer of a route that selects it by the path. */
function expectedByPath(
  access: readonly OrganizationId[],
  path: string,
  header: string | undefined,
): { readonly status: number; readonly body: object } {
  if (!access.some((one) => one === path))
    return { status: 404, body: { statusCode: 404, message: 'Not Found', error: 'Organization not found' } }
  if (!header || header === path) return { status: 200, body: { in: path } }
  return {
    status: 400,
    body: {
      statusCode: 400,
      message: 'Bad Request',
      error: 'X-Daytona-Organization-ID header disagrees with the organization in the path',
    },
  }
}

for (const [kind, make] of Object.entries(KINDS)) {
  for (const access of [[], [A], [A, B]]) {
    describe(`${kind} with access to ${access.length} organizations`, async () => {
      const credential = await make(access)
      await process.caughtUp()
      for (const [what, header] of [
        ['no header', undefined],
        ['an empty header', ''],
        ['the first one', A],
        ['the second one', B],
        ['a foreign one', foreign],
        ['an unknown one', UNKNOWN],
        ['two of them', `${A}, ${B}`],
        ['one in upper case', A.toUpperCase()],
      ] as const) {
        const headers: Record<string, string> =
          header === undefined ? bearer(credential) : { ...bearer(credential), 'x-daytona-organization-id': header }

        it(`and ${what} is answered as in the table, on routes with and without a permission`, async () => {
          for (const url of ['/here', '/with/admin-organization', '/with/read-volumes']) {
            const response = await server.inject({ url, headers })
            assert.deepEqual(
              { status: response.statusCode, body: response.json() },
              expectedByHeader(access, header),
              url,
            )
          }
        })

        it(`and ${what} beside a path is answered as in the table`, async () => {
          for (const path of [A, B, foreign, UNKNOWN]) {
            const response = await server.inject({ url: `/organizations/${path}/apps`, headers })
            assert.deepEqual(
              { status: response.statusCode, body: response.json() },
              expectedByPath(access, path, header),
              path,
            )
          }
        })

        it(`and ${what} is accepted where no organization matters`, async () => {
          assert.equal((await server.inject({ url: '/me', headers })).statusCode, 200)
        })
      }
    })
  }
}
