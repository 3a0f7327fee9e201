import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { inAudit } from '@daytona-auth/db/audit'
import type { OrganizationId } from '@daytona-auth/db/core'
import { waitFor } from '@daytona-auth/testing'
import { requestAuthority } from '../src/http/request-authority.ts'
import { namesOf } from '../src/principal/permission.ts'
import { bearer, FORBIDDEN, guardedServer, NO_KEY, NO_TOKEN } from './guarded-server.ts'
import { claimsOf, sign } from './world.ts'

/** The time of the guard and of the transactions; that of the machine if it is undefined. */
let clock: number | undefined
const { here, home, owner, process, serve, signer } = await guardedServer({ after })
const { sql } = here

/** Runs before the transaction of the next write: what happens between the guard and the write. */
let between: () => PromiseLike<unknown> = async () => {}
const written = async (organization: OrganizationId = home) => {
  const [row] =
    await sql`SELECT count(*)::int AS count FROM audit_events WHERE organization_id = ${organization} AND action = 'volume.create'`
  return Number(row?.['count'])
}

const server = await serve({ now: () => clock ?? Date.now() }, (fastify) => {
  for (const [url, config] of [
    ['/any', { access: 'authenticated' }],
    ['/admin', { access: 'admin:organization', organization: 'header' }],
    ['/resource', { access: 'write:sandboxes', organization: 'header', resourceWrite: true }],
    ['/self', { access: 'person' }],
  ] as const) {
    fastify.post(`/write${url}`, { config }, async (request) => {
      await between()
      const event = {
        organizationId: home,
        actorId: null,
        actorEmail: null,
        source: 'test',
        action: 'volume.create',
      } as const
      const authority = requestAuthority(
        request,
        { scope: 'manage', organizationIds: [home] },
        ({ principal, organization }) => ({
          userId: principal.userId,
          scopes: principal.kind === 'token' ? [...principal.scopes] : null,
          organization: organization && {
            id: organization.organizationId,
            permissions: namesOf(organization.permissions),
          },
        }),
      )
      return inAudit(here.database, authority, event, async (_tx, caller) => caller)
    })
  }
})

async function write(credential: string, url = '/any', happens: () => PromiseLike<unknown> = async () => {}) {
  await process.caughtUp()
  between = happens
  try {
    const response = await server.inject({ method: 'POST', url: `/write${url}`, headers: bearer(credential) })
    return { status: response.statusCode, body: response.json(), challenge: response.headers['www-authenticate'] }
  } finally {
    between = async () => {}
  }
}

/** A member with a role, a key, and the tokens of a third and a first party. */
async function member() {
  const user = await here.user()
  const role = await here.role(home, ['admin:organization'])
  await here.member(home, user, 'member', [role])
  const key = await here.key(user, home, { permissions: ['admin:organization'] })
  const [app, own] = [await here.client(), await here.client({ isFirstParty: true })]
  const scopes = ['openid', 'admin:organization']
  const grantId = await here.grant(user, app, { scopes, organizationIds: [home] })
  const ownGrant = await here.grant(user, own)
  const token = await sign(signer, claimsOf({ userId: user, clientId: app, grantId }, { scope: scopes.join(' ') }))
  const person = await sign(signer, claimsOf({ userId: user, clientId: own, grantId: ownGrant }))
  return { user, role, key, app, grantId, token, person, ownGrant }
}
type Member = Awaited<ReturnType<typeof member>>

describe('the authority of a request', () => {
  it('is confirmed with what the credential has in the transaction, not what the guard has read', async () => {
    const { key, role, user } = await member()
    const before = await written()
    const { status, body } = await write(
      key.key,
      '/admin',
      () => sql`UPDATE roles SET permissions = '{admin:organization,read:volumes}' WHERE id = ${role}`,
    )
    assert.equal(status, 200)
    assert.deepEqual([body.userId, body.organization.id, await written()], [user, home, before + 1])
    const other = await member()
    const narrowed = await write(
      other.key.key,
      '/resource',
      () => sql`UPDATE roles SET permissions = '{write:sandboxes}' WHERE id = ${other.role}`,
    )
    assert.deepEqual(narrowed.body.organization.permissions, ['write:sandboxes'])
  })

  const LOSSES: Record<
    string,
    {
      readonly by: 'key' | 'token' | 'person'
      readonly url?: string
      readonly happens: (who: Member) => PromiseLike<unknown>
      readonly body: object
    }
  > = {
    'the key is revoked': {
      by: 'key',
      happens: ({ key }) => sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${key.id}`,
      body: NO_KEY,
    },
    'the key is deleted': {
      by: 'key',
      happens: ({ key }) => sql`DELETE FROM api_keys WHERE id = ${key.id}`,
      body: NO_KEY,
    },
    'the secret is deleted': {
      by: 'key',
      happens: ({ key }) => sql`DELETE FROM api_key_secrets WHERE key_id = ${key.id}`,
      body: NO_KEY,
    },
    'the key has expired': {
      by: 'key',
      happens: ({ key }) => sql`UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = ${key.id}`,
      body: NO_KEY,
    },
    'the secret was superseded': {
      by: 'key',
      happens: ({ key }) =>
        sql`UPDATE api_key_secrets SET expires_at = now() + interval '1 hour' WHERE key_id = ${key.id}`,
      body: FORBIDDEN,
    },
    'the owner is disabled': {
      by: 'key',
      happens: ({ user }) => sql`UPDATE users SET disabled_at = now() WHERE id = ${user}`,
      body: NO_KEY,
    },
    'the role is unassigned': {
      by: 'key',
      url: '/admin',
      happens: ({ user }) => sql`DELETE FROM member_roles WHERE user_id = ${user}`,
      body: FORBIDDEN,
    },
    'the role loses its permission': {
      by: 'token',
      url: '/admin',
      happens: ({ role }) => sql`UPDATE roles SET permissions = '{}' WHERE id = ${role}`,
      body: FORBIDDEN,
    },
    'the member is removed': {
      by: 'token',
      url: '/admin',
      happens: ({ user }) => sql`DELETE FROM organization_members WHERE user_id = ${user}`,
      body: FORBIDDEN,
    },
    'the grant loses the scope': {
      by: 'token',
      url: '/admin',
      happens: ({ grantId }) => sql`UPDATE grants SET scopes = '{openid}' WHERE id = ${grantId}`,
      body: FORBIDDEN,
    },
    'the grant loses the organization': {
      by: 'token',
      url: '/admin',
      happens: ({ grantId }) => sql`UPDATE grants SET organization_ids = '{}' WHERE id = ${grantId}`,
      body: FORBIDDEN,
    },
    'the grant is revoked': {
      by: 'token',
      happens: ({ grantId }) => sql`UPDATE grants SET revoked_at = now() WHERE id = ${grantId}`,
      body: NO_TOKEN,
    },
    'the grant has expired': {
      by: 'token',
      happens: ({ grantId }) => sql`UPDATE grants SET expires_at = now() - interval '1 second' WHERE id = ${grantId}`,
      body: NO_TOKEN,
    },
    'the client is deleted': {
      by: 'token',
      happens: ({ app }) => sql`DELETE FROM oidc_clients WHERE id = ${app}`,
      body: NO_TOKEN,
    },
    'the client is no longer first-party': {
      by: 'person',
      url: '/self',
      happens: ({ ownGrant }) =>
        sql`UPDATE oidc_clients SET first_party = false WHERE id = (SELECT client_id FROM grants WHERE id = ${ownGrant})`,
      body: FORBIDDEN,
    },
  }
  for (const [what, { by, url, happens, body }] of Object.entries(LOSSES)) {
    it(`is refused, and nothing is written, if ${what} after the guard`, async () => {
      const who = await member()
      const credential = by === 'key' ? who.key.key : who[by]
      assert.equal((await write(credential, url)).status, 200)
      const before = await written()
      const refused = await write(credential, url, () => happens(who))
      assert.deepEqual([refused.body, await written()], [body, before])
      assert.equal((await write(credential, url)).status, refused.status, 'the guard says the same afterwards')
    })
  }

  it('is refused if the signing key was removed after the guard', async () => {
    const leaked = await here.signer()
    await here.publish(leaked)
    const who = await member()
    await process.caughtUp()
    const token = await sign(leaked, claimsOf({ userId: who.user, clientId: who.app, grantId: who.grantId }))
    const refused = await write(token, '/any', () => sql`DELETE FROM signing_keys WHERE kid = ${leaked.kid}`)
    assert.deepEqual(refused.body, NO_TOKEN)
  })

  it('is refused in an organization that was suspended after the guard, for resource writes only', async () => {
    const organization = await here.organization(owner)
    const { key } = await here.key(owner, organization, { permissions: ['admin:organization'] })
    const suspend = () =>
      sql`UPDATE organizations SET suspended_at = now(), suspension_reason = 'unpaid' WHERE id = ${organization}`
    const refused = await write(key, '/resource', suspend)
    assert.deepEqual(refused.body, {
      statusCode: 403,
      message: 'Forbidden',
      error: 'Organization is suspended: unpaid',
    })
    assert.equal((await write(key, '/admin')).status, 200)
  })

  it('is refused at the exact instant at which the credential expires', async () => {
    const end = Math.ceil(Date.now() / 1000) * 1000 + 60_000
    const { key } = await here.key(owner, home, { expiresAt: new Date(end) })
    try {
      for (const [instant, status] of [
        [end - 1, 200],
        [end, 401],
      ] as const) {
        const { status: actual } = await write(key, '/any', async () => {
          clock = instant
        })
        clock = undefined
        assert.equal(actual, status)
      }
    } finally {
      clock = undefined
    }
  })

  it('names the scope of the route in the challenge', async () => {
    const { key } = await member()
    const { challenge } = await write(
      key.key,
      '/admin',
      () => sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${key.id}`,
    )
    assert.match(String(challenge), /^Bearer error="invalid_token", scope="admin:organization"/)
  })

  it('waits for a revocation that has not committed, and is then refused', async () => {
    const { key } = await member()
    const released = Promise.withResolvers<void>()
    let revocation: Promise<unknown> | undefined
    const refused = write(key.key, '/any', async () => {
      const revoked = Promise.withResolvers<void>()
      revocation = sql.begin(async (tx) => {
        await tx`UPDATE api_keys SET status = 'revoked' WHERE id = ${key.id}`
        revoked.resolve()
        await released.promise
      })
      await revoked.promise
    })
    await waitFor(
      async () =>
        (await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
          .length > 0,
    )
    released.resolve()
    await revocation
    assert.deepEqual((await refused).body, NO_KEY)
  })
})
