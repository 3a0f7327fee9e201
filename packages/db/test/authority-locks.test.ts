import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { sql as drizzle } from 'drizzle-orm'
import type { AuditedTx } from '../src/audit/index.ts'
import { newId, type OrganizationId, type UserId } from '../src/core/index.ts'
import {
  type ApiKeyFacts,
  type AuthorityLocks,
  type AuthorityScope,
  confirmApiKey,
  confirmProviderStep,
  confirmToken,
  type TokenFacts,
} from '../src/principals/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, rolledBack, waits, passes } = transactionsOn(database)
await sql`INSERT INTO signing_keys (kid, alg, status, public_jwk, private_jwk) VALUES ('kid', 'ES256', 'active', '{}', '')`

/** A member with a role, a key that was made with another key, which was made with a grant, and a token's grant. */
async function scene() {
  const [founder, user] = [await rows.user(), await rows.user()]
  const [home, other] = [await rows.organization(founder), await rows.organization(founder)]
  const role = await rows.role(home, ['read:sandboxes'])
  await rows.member(home, user, 'member', [role])
  await rows.member(other, user, 'owner')
  const clientId = await rows.client({ isFirstParty: true })
  const [root, grantId] = [await rows.grant(user, clientId), await rows.grant(user, clientId)]
  const parent = await rows.key(user, home, { name: 'parent', parentGrant: root })
  const keyId = await rows.key(user, home, { name: 'key', parentKey: parent })
  const secretDigest = await rows.secret(keyId)
  return { user, home, other, role, clientId, root, grantId, parent, keyId, secretDigest }
}
type Scene = Awaited<ReturnType<typeof scene>>

/** For transactions that change nothing, or are rolled back. */
const calm = await scene()

const locksOf = (scope: AuthorityScope, organizationIds: readonly OrganizationId[] | null): AuthorityLocks => ({
  scope,
  organizationIds,
})
const byKey = (tx: AuditedTx, { user, keyId, secretDigest }: Scene, locks: AuthorityLocks) =>
  confirmApiKey(tx, { userId: user, keyId, secretDigest }, locks)
const byToken = (tx: AuditedTx, { user, grantId, clientId }: Scene, locks: AuthorityLocks) =>
  confirmToken(tx, { userId: user, grantId, clientId, kid: 'kid' }, locks)
type Confirm = (tx: AuditedTx, here: Scene, locks: AuthorityLocks) => Promise<ApiKeyFacts | TokenFacts | undefined>
const BOTH: Record<'an API key' | 'an access token', Confirm> = { 'an API key': byKey, 'an access token': byToken }

/** Statements that change what a credential in `home` may do. Each must wait for a write that depends on it. */
const REVOCATIONS: Record<
  string,
  { readonly of: readonly (keyof typeof BOTH)[]; readonly statement: (here: Scene) => ReturnType<typeof drizzle> }
> = {
  'the user is disabled': {
    of: ['an API key', 'an access token'],
    statement: ({ user }) => drizzle`UPDATE users SET disabled_at = now() WHERE id = ${user}`,
  },
  'the member is removed': {
    of: ['an API key', 'an access token'],
    statement: ({ user, home }) =>
      drizzle`DELETE FROM organization_members WHERE user_id = ${user} AND organization_id = ${home}`,
  },
  'the member is promoted': {
    of: ['an API key', 'an access token'],
    statement: ({ user, home }) =>
      drizzle`UPDATE organization_members SET role = 'owner' WHERE user_id = ${user} AND organization_id = ${home}`,
  },
  'the role loses a permission': {
    of: ['an API key', 'an access token'],
    statement: ({ role }) => drizzle`UPDATE roles SET permissions = '{}' WHERE id = ${role}`,
  },
  'the role is unassigned': {
    of: ['an API key', 'an access token'],
    statement: ({ role }) => drizzle`DELETE FROM member_roles WHERE role_id = ${role}`,
  },
  'the organization is deleted': {
    of: ['an API key', 'an access token'],
    statement: ({ home }) => drizzle`DELETE FROM organizations WHERE id = ${home}`,
  },
  'the key is revoked': {
    of: ['an API key'],
    statement: ({ keyId }) => drizzle`UPDATE api_keys SET status = 'revoked' WHERE id = ${keyId}`,
  },
  'the parent key is narrowed': {
    of: ['an API key'],
    statement: ({ parent }) => drizzle`UPDATE api_keys SET permissions = '{}' WHERE id = ${parent}`,
  },
  'the key loses the organization': {
    of: ['an API key'],
    statement: ({ keyId, home }) =>
      drizzle`DELETE FROM api_key_organizations WHERE key_id = ${keyId} AND organization_id = ${home}`,
  },
  'the grant at the root is revoked': {
    of: ['an API key'],
    statement: ({ root }) => drizzle`UPDATE grants SET revoked_at = now() WHERE id = ${root}`,
  },
  'the token’s grant is revoked': {
    of: ['an access token'],
    statement: ({ grantId }) => drizzle`UPDATE grants SET revoked_at = now() WHERE id = ${grantId}`,
  },
}

for (const [what, confirm] of Object.entries(BOTH)) {
  describe(`the authority of ${what}`, () => {
    it('is read: the facts of its subject, or nothing if there is none', async () => {
      const here = await scene()
      const facts = await change((tx) => confirm(tx, here, locksOf('use', [here.home])))
      assert.equal(facts?.user.id, here.user)
      const gone = { ...here, secretDigest: Buffer.alloc(32), grantId: newId('grant') }
      assert.equal(await change((tx) => confirm(tx, gone, locksOf('use', null))), undefined)
    })

    for (const [change_, { of, statement }] of Object.entries(REVOCATIONS)) {
      if (!of.includes(what as keyof typeof BOTH)) continue
      for (const scope of ['use', 'manage', 'administer'] as const) {
        it(`holds off that ${change_}, in the scope ${scope}`, async () => {
          await waits(
            (tx) => confirm(tx, calm, locksOf(scope, [calm.home])),
            () => rolledBack((tx) => tx.execute(statement(calm))),
          )
        })
      }
    }

    it('is read after the lock: it includes what a concurrent transaction has committed', async () => {
      const here = await scene()
      const [, facts] = await waits(
        (tx) => tx.execute(drizzle`UPDATE users SET disabled_at = now() WHERE id = ${here.user}`),
        () => change((tx) => confirm(tx, here, locksOf('use', [here.home]))),
      )
      assert.equal(facts?.user.isDisabled, true)
    })

    // `use` runs concurrently, `manage` one after another for a user, `administer` one after another for an organization.
    const EXCLUSIONS: readonly [AuthorityScope, AuthorityScope, boolean][] = [
      ['use', 'use', false],
      ['use', 'manage', true],
      ['manage', 'use', true],
      ['manage', 'manage', true],
      ['administer', 'administer', true],
    ]
    for (const [first, second, isExclusive] of EXCLUSIONS) {
      it(`in the scope ${second} ${isExclusive ? 'waits for' : 'runs beside'} one in the scope ${first} of the same credential`, async () => {
        await (isExclusive ? waits : passes)(
          (tx) => confirm(tx, calm, locksOf(first, [calm.home])),
          () => change((tx) => confirm(tx, calm, locksOf(second, [calm.home]))),
        )
      })
    }

    for (const scope of ['use', 'manage', 'administer'] as const) {
      const isExclusive = scope === 'administer'
      it(`in the scope ${scope} ${isExclusive ? 'waits for' : 'runs beside'} one of another member of the organization`, async () => {
        const here = await scene()
        const colleague = await rows.user()
        await rows.member(here.home, colleague, 'owner')
        const grantId = await rows.grant(colleague, here.clientId)
        await (isExclusive ? waits : passes)(
          (tx) => confirm(tx, here, locksOf(scope, [here.home])),
          () =>
            change((tx) =>
              confirmToken(
                tx,
                { userId: colleague, grantId, clientId: here.clientId, kid: 'kid' },
                locksOf(scope, [here.home]),
              ),
            ),
        )
      })
    }

    it('covers the given organizations, or all of the user', async () => {
      const here = await scene()
      const leave = () =>
        rolledBack((tx) =>
          tx.execute(drizzle`UPDATE organization_members SET role = 'member'
        WHERE user_id = ${here.user} AND organization_id = ${here.other}`),
        )
      await passes((tx) => confirm(tx, here, locksOf('use', [here.home])), leave)
      await waits((tx) => confirm(tx, here, locksOf('use', null)), leave)
    })

    it('does not lock built-in roles, which every organization uses', async () => {
      const here = await scene()
      const builtIn = await rows.role(null)
      await sql`INSERT INTO member_roles VALUES (${here.home}, ${here.user}, ${builtIn})`
      await passes(
        (tx) => confirm(tx, here, locksOf('administer', null)),
        () => rolledBack((tx) => tx.execute(drizzle`UPDATE roles SET permissions = '{}' WHERE id = ${builtIn}`)),
      )
    })
  })
}

describe('a step of the provider', async () => {
  async function step() {
    const user = await rows.user()
    const [home, other] = [await rows.organization(user), await rows.organization(user)]
    const founder = await rows.user()
    for (const organization of [home, other]) await rows.member(organization, founder, 'owner')
    return {
      userId: user,
      sessionUid: await rows.session(user, { payload: { loginTs: Date.now() / 1000 - 10 } }),
      signedInWithinSeconds: 300,
      clientId: await rows.client(),
      organizationIds: [home, other, home],
    }
  }
  type Step = Awaited<ReturnType<typeof step>>
  const confirm = (given: Parameters<typeof confirmProviderStep>[1]) => change((tx) => confirmProviderStep(tx, given))

  it('is confirmed while everything that it depends on exists', async () => {
    const here = await step()
    assert.equal(await confirm(here), undefined)
    assert.equal(await confirm({ userId: here.userId }), undefined)
  })

  const LOSSES: Record<
    string,
    { readonly missing: string; readonly statement: (here: Step) => ReturnType<typeof drizzle> }
  > = {
    'the user is disabled': {
      missing: 'user',
      statement: ({ userId }) => drizzle`UPDATE users SET disabled_at = now() WHERE id = ${userId}`,
    },
    'one membership ends': {
      missing: 'membership',
      statement: ({ userId, organizationIds }) =>
        drizzle`DELETE FROM organization_members WHERE user_id = ${userId} AND organization_id = ${organizationIds[1]}`,
    },
    'the session ends': {
      missing: 'session',
      statement: ({ sessionUid }) => drizzle`DELETE FROM oidc_artifacts WHERE uid = ${sessionUid}`,
    },
    'the session expires': {
      missing: 'session',
      statement: ({ sessionUid }) => drizzle`UPDATE oidc_artifacts SET expires_at = now() WHERE uid = ${sessionUid}`,
    },
    'the sign-in is no longer recent': {
      missing: 'sign-in',
      statement: ({ sessionUid }) => drizzle`
        UPDATE oidc_artifacts SET payload = payload || jsonb_build_object('loginTs', extract(epoch FROM now()) - 301)
        WHERE uid = ${sessionUid}`,
    },
    'the client is deleted': {
      missing: 'client',
      statement: ({ clientId }) => drizzle`DELETE FROM oidc_clients WHERE id = ${clientId}`,
    },
  }
  for (const [what, { missing, statement }] of Object.entries(LOSSES)) {
    it(`is not confirmed after ${what}`, async () => {
      const here = await step()
      await change((tx) => tx.execute(statement(here)))
      assert.equal(await confirm(here), missing)
    })

    it(`waits while ${what}, and is then not confirmed`, async () => {
      const here = await step()
      const [, found] = await waits(
        (tx) => tx.execute(statement(here)),
        () => confirm(here),
      )
      assert.equal(found, missing)
    })

    it(`holds off that ${what}`, async () => {
      const here = await step()
      await waits(
        (tx) => confirmProviderStep(tx, here),
        () => rolledBack((tx) => tx.execute(statement(here))),
      )
    })
  }

  const signedIn = (secondsAgo: number) => () => ({ loginTs: Date.now() / 1000 - secondsAgo })
  const AGES: readonly [age: string, payload: () => object, within: number | undefined, missing: string | undefined][] =
    [
      ['1 s, of 300 s', signedIn(1), 300, undefined],
      ['60 s less than allowed', signedIn(240), 300, undefined],
      ['1 s more than allowed', signedIn(301), 300, 'sign-in'],
      ['a day', signedIn(86_400), 300, 'sign-in'],
      ['a day, which is allowed', signedIn(86_400), undefined, undefined],
      ['unknown', () => ({}), 300, 'sign-in'],
      ['null', () => ({ loginTs: null }), 300, 'sign-in'],
      ['1 s, of none', signedIn(1), 0, 'sign-in'],
    ]
  for (const [age, payload, signedInWithinSeconds, missing] of AGES) {
    it(`is ${missing === undefined ? '' : 'not '}confirmed after a sign-in whose age is ${age}`, async () => {
      const { userId } = await step()
      const sessionUid = await rows.session(userId, { payload: payload() })
      const given = { userId, sessionUid, ...(signedInWithinSeconds !== undefined && { signedInWithinSeconds }) }
      assert.equal(await confirm(given), missing)
    })
  }

  it('is not confirmed without a session, if the sign-in must be recent', async () => {
    const { userId } = await step()
    assert.equal(await confirm({ userId, signedInWithinSeconds: 300 }), 'sign-in')
  })

  it('is not confirmed for another user’s session or membership, or an unknown user', async () => {
    const [here, eve] = [await step(), await step()]
    assert.equal(await confirm({ ...here, sessionUid: eve.sessionUid }), 'session')
    assert.equal(await confirm({ ...here, organizationIds: eve.organizationIds }), 'membership')
    assert.equal(await confirm({ ...here, clientId: 'app_unknown' }), 'client')
    assert.equal(await confirm({ ...here, userId: newId('usr') as UserId }), 'user')
  })

  it('of one user runs after another of that user', async () => {
    const here = await step()
    await waits(
      (tx) => confirmProviderStep(tx, here),
      () => confirm(here),
    )
  })
})
