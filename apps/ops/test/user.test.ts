import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { DEPLOYMENT, inAudit, listAuditEvents, systemAuthority, verifyAuditChain } from '@daytona-auth/db/audit'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import { createOwner } from '@daytona-auth/db/operations'
import {
  type CreatedUser,
  findSecondFactors,
  insertFactorReset,
  insertTotpFactor,
  replaceRecoveryCodes,
} from '@daytona-auth/db/users'
import { testDatabase } from '@daytona-auth/testing'
import { daytonaAuth } from './command.ts'

const { url, database } = await testDatabase({ after })
const { $client: sql } = database
await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes) VALUES
  ('app_test', 'Test', 'native', '{http://127.0.0.1/cb}', '{openid}')`

const user = (...argv: string[]) => daytonaAuth(['user', ...argv], { env: { DATABASE_URL: url } })

let count = 0

interface Person extends CreatedUser {
  readonly email: string
  readonly shared: OrganizationId
}

/** A person with a shared organization, a session with a grant, a key of their own and one created with the grant. */
async function person(): Promise<Person> {
  count += 1
  const email = `person${count}@example.com`
  const shared = newId('org')
  const owner = { name: `Person ${count}`, email, passwordHash: 'a hash', emailVerified: false }
  const created = await createOwner(database, { owner, organization: { id: shared, name: 'Engines' } }, 'test')
  assert.ok(created)
  const grant = newId('grant')
  await sql`INSERT INTO oidc_artifacts (model, digest, payload, uid, account_id, expires_at)
    VALUES ('Session', ${Buffer.from(grant)}, '{}', ${grant}, ${created.userId}, now() + interval '1 day')`
  await sql`INSERT INTO grants (id, user_id, client_id, scopes, payload, session_uid, expires_at)
    VALUES (${grant}, ${created.userId}, 'app_test', '{openid}', '{}', ${grant}, now() + interval '1 day')`
  for (const [name, parent] of [
    ['own', null],
    ['granted', grant],
  ] as const) {
    const key = newId('key')
    await sql.begin(async (tx) => {
      await tx`INSERT INTO api_keys (id, organization_id, user_id, name, permissions, parent_grant_id)
        VALUES (${key}, ${shared}, ${created.userId}, ${name}, '{read:sandboxes}', ${parent})`
      await tx`INSERT INTO api_key_organizations (key_id, organization_id, user_id, name)
        VALUES (${key}, ${shared}, ${created.userId}, ${name})`
    })
  }
  return { ...created, email, shared }
}

const keysOf = async ({ userId }: Person) =>
  Object.fromEntries(
    (await sql`SELECT name, status FROM api_keys WHERE user_id = ${userId}`).map((row) => [row['name'], row['status']]),
  )

const json = async (...argv: string[]) => {
  const { exitCode, stdout, stderr } = await daytonaAuth(['-f', 'json', 'user', ...argv], {
    env: { DATABASE_URL: url },
  })
  assert.equal(exitCode, 0, stderr)
  return JSON.parse(stdout)
}

/** The actions of a trail, newest first, after checking its chain. */
async function trail(organization: OrganizationId) {
  assert.equal((await verifyAuditChain(database, organization)).brokenAt, null)
  return (await listAuditEvents(database, organization, {}, { limit: 50 })).rows
}

describe('daytona-auth user denies', () => {
  const UNKNOWN = ['unknown@example.com', 'usr_unknown', '@', 'x'.repeat(100_000)]
  for (const command of ['show', 'disable', 'enable', 'sign-out', 'verify-email', 'reset-factors', 'delete']) {
    it(`${command} of an account that does not exist, with exit code 1`, async () => {
      for (const name of UNKNOWN) {
        const ended = await user(command, name)
        assert.deepEqual([ended.exitCode, ended.stdout], [1, ''])
        assert.equal(ended.stderr, `there is no account ${JSON.stringify(name.slice(0, 320))}\n`)
      }
    })
  }

  it('an address that two accounts have, in the two spellings of its domain, with exit code 1', async () => {
    const [one, two] = [await person(), await person()]
    await sql`UPDATE users SET email = 'ada@xn--bcher-kva.example' WHERE id = ${one.userId}`
    // A row of before the ASCII spelling, which the unique index does not compare with it.
    await sql`UPDATE users SET email = 'ada@bücher.example' WHERE id = ${two.userId}`
    const found = `${one.userId} (ada@xn--bcher-kva.example) and ${two.userId} (ada@bücher.example)`
    for (const command of ['show', 'disable', 'sign-out', 'verify-email', 'delete']) {
      for (const address of ['ada@bücher.example', 'ADA@xn--bcher-kva.example']) {
        const { exitCode, stdout, stderr } = await user(command, address)
        const message = `${JSON.stringify(address)} is the address of ${found}: give the id of one of them\n`
        assert.deepEqual([exitCode, stdout, stderr], [1, '', message])
      }
    }
    for (const { userId } of [one, two]) assert.equal((await json('show', userId)).status, 'active')
    assert.equal((await user('disable', two.userId)).exitCode, 0)
    assert.equal((await json('show', one.userId)).status, 'active')
  })

  it('a change to what an account is already, and records nothing', async () => {
    const { email, organizationId } = await person()
    const before = (await trail(organizationId)).length
    assert.deepEqual(await user('enable', email), {
      exitCode: 1,
      stdout: '',
      stderr: 'the account is not disabled: nothing was changed\n',
    })
    await user('disable', email)
    await user('verify-email', email)
    const between = (await trail(organizationId)).length
    for (const [command, message] of [
      ['disable', 'the account is disabled already: nothing was changed\n'],
      ['verify-email', 'the address is verified already: nothing was changed\n'],
    ] as const) {
      const { exitCode, stderr } = await user(command, email)
      assert.deepEqual([exitCode, stderr], [1, message])
    }
    assert.equal((await trail(organizationId)).length, between)
    assert.ok(between > before)
  })

  it('a deletion that would leave an organization without an owner', async () => {
    const [ada, bob] = [await person(), await person()]
    await sql`INSERT INTO organization_members (organization_id, user_id, role)
      VALUES (${ada.shared}, ${bob.userId}, 'member')`
    const blocked = `it is the only owner of ${ada.shared} "Engines", which has other members: make one of them an owner first; nothing was changed`
    assert.match((await user('delete', ada.email)).stdout, new RegExp(`would leave without an owner[^]*${blocked}`))
    const ended = await user('delete', ada.email, '--yes')
    assert.deepEqual([ended.exitCode, ended.stdout, ended.stderr], [1, '', `${blocked}\n`])
    assert.equal((await json('show', ada.email)).status, 'active')
  })

  it('limits and reasons out of bounds, with exit code 2', async () => {
    for (const argv of [
      ['list', '--limit', '0'],
      ['list', '--limit', '1001'],
      ['list', '--limit', 'many'],
      ['list', '--status', 'asleep'],
      ['disable', 'a@example.com', '--reason', 'x'.repeat(501)],
      ['disable', 'a@example.com', '--reason', ''],
    ]) {
      const { exitCode, stdout } = await user(...argv)
      assert.deepEqual([exitCode, stdout], [2, ''], argv.join(' '))
    }
  })
})

describe('daytona-auth user', () => {
  it('shows what an account can reach', async () => {
    const ada = await person()
    const shownUser = await json('show', ada.email.toUpperCase())
    assert.deepEqual(shownUser, {
      id: ada.userId,
      email: ada.email,
      emailVerified: false,
      name: `Person ${count}`,
      status: 'active',
      createdAt: shownUser.createdAt,
      disabledAt: null,
      deletedAt: null,
      personalOrganizationId: ada.organizationId,
      organizations: [{ id: ada.shared, name: 'Engines', role: 'owner' }],
      sessions: 1,
      grants: 1,
      activeApiKeys: 2,
      factorsRemovedAt: null,
    })
    const { stdout } = await user('show', ada.userId)
    assert.match(stdout, new RegExp(`owner of ${ada.shared}  "Engines"\n1 session, 1 grant, 2 active API keys\n$`))
  })

  it('lists accounts page by page', async () => {
    const made = [await person(), await person(), await person()].map(({ userId }) => userId).reverse()
    const first = await user('list', '--limit', '2')
    assert.deepEqual(
      first.stdout
        .trim()
        .split('\n')
        .map((line) => line.split('  ')[0]),
      made.slice(0, 2),
    )
    assert.equal(first.stderr, `there are more: continue with --after ${made[1]}\n`)
    const { users } = await json('list', '--limit', '1', '--after', String(made[1]))
    assert.deepEqual(
      users.map(({ id }: { id: string }) => id),
      [made[2]],
    )
    const { users: found } = await json('list', '--search', `PERSON${count}@`)
    assert.deepEqual(
      found.map(({ id }: { id: string }) => id),
      [made[0]],
    )
    assert.equal((await user('list', '--search', 'no such')).stdout, 'there are no such accounts\n')
  })

  it('disables an account: no session and no grant is left, and keys of its own stay for when it is enabled', async () => {
    const ada = await person()
    assert.deepEqual(await json('disable', ada.email, '--reason', 'left the company'), {
      id: ada.userId,
      email: ada.email,
      change: 'user.disable',
      endedSessions: 1,
      endedGrants: 1,
      endedKeys: 1,
    })
    const { status, sessions, grants } = await json('show', ada.userId)
    assert.deepEqual([status, sessions, grants], ['disabled', 0, 0])
    assert.deepEqual(await keysOf(ada), { own: 'active', granted: 'revoked' })
    const [disabled, revoked] = (await trail(ada.organizationId)).toSorted((a, b) => (a.action > b.action ? -1 : 1))
    assert.deepEqual(
      [disabled?.action, disabled?.source, disabled?.metadata],
      ['user.disable', 'operations', { endedSessions: 1, endedGrants: 1, endedKeys: 1, reason: 'left the company' }],
    )
    assert.ok(revoked)
    assert.equal((await json('enable', ada.email)).change, 'user.enable')
    assert.equal((await json('show', ada.userId)).status, 'active')
  })

  it('signs an account out and verifies an address', async () => {
    const ada = await person()
    await sql`INSERT INTO email_verifications (user_id, email, token_digest, expires_at)
      VALUES (${ada.userId}, ${ada.email}, ${Buffer.from(ada.userId)}, now() + interval '1 day')`
    assert.equal(
      (await user('sign-out', ada.email)).stdout,
      `signed out ${ada.email} (${ada.userId}): ended 1 session, 1 grant and 1 API key created with them\n`,
    )
    assert.equal(
      (await user('verify-email', ada.email)).stdout,
      `verified the address of ${ada.email} (${ada.userId})\n`,
    )
    assert.equal((await json('show', ada.email)).emailVerified, true)
    assert.equal((await sql`SELECT FROM email_verifications WHERE user_id = ${ada.userId}`).length, 0)
    const actions = (await trail(ada.organizationId)).map(({ action }) => action)
    assert.ok(actions.includes('user.sign_out') && actions.includes('user.verify_email'), String(actions))
  })

  it('deletes an account with --yes only, and records it where an operator finds it', async () => {
    const [ada, bob] = [await person(), await person()]
    await sql`INSERT INTO organization_members (organization_id, user_id, role)
      VALUES (${bob.shared}, ${ada.userId}, 'member')`
    const { exitCode, stdout } = await user('delete', ada.email)
    assert.equal(exitCode, 0)
    assert.match(stdout, new RegExp(`^would delete ${ada.email} [^]*nothing was changed: add --yes to delete\n$`))
    assert.equal((await json('show', ada.email)).status, 'active')

    const answer = await json('delete', ada.email, '--yes', '--reason', 'asked for it')
    assert.deepEqual(
      [answer.deleted, answer.deletedOrganizations, answer.leftOrganizations, answer.endedApiKeys.length],
      [ada.userId, [ada.shared], [bob.shared], 2],
    )
    assert.equal((await user('show', ada.email)).exitCode, 1)
    const [event] = await trail(DEPLOYMENT)
    assert.deepEqual(
      [event?.action, event?.targetId, event?.metadata],
      [
        'user.delete',
        ada.userId,
        { deletedOrganizations: [ada.shared], leftOrganizations: [bob.shared], endedKeys: 2, reason: 'asked for it' },
      ],
    )
    assert.equal((await trail(bob.shared))[0]?.action, 'member.remove')
    assert.equal(
      (await trail(ada.shared)).some(({ action }) => action === 'organization.delete'),
      true,
    )
    assert.equal(
      (await trail(ada.organizationId)).some(({ action }) => action === 'user.delete'),
      true,
    )
    for (const command of ['disable', 'sign-out', 'verify-email', 'delete']) {
      const ended = await user(command, ada.userId, ...(command === 'delete' ? ['--yes'] : []))
      assert.deepEqual([ended.exitCode, ended.stdout], [1, ''], command)
      assert.match(ended.stderr, /was deleted(?: already)?: nothing was changed\n$/)
    }
  })
})

describe('daytona-auth user reset-factors', () => {
  it('changes nothing for an account without a second factor, with exit code 1', async () => {
    const ada = await person()
    const ended = await user('reset-factors', ada.email)
    assert.deepEqual([ended.exitCode, ended.stdout], [1, ''])
    assert.equal(ended.stderr, 'the account has no second factor: nothing was changed\n')
    const [row] = await sql`SELECT count(*)::int AS sessions FROM oidc_artifacts WHERE account_id = ${ada.userId}`
    assert.equal(row?.['sessions'], 1)
  })

  it('removes the app and the recovery codes of that account only, ends sessions and grants, and is audited', async () => {
    const [ada, eve] = [await person(), await person()]
    for (const { userId } of [ada, eve]) {
      await inAudit(database, systemAuthority('test'), [], async (tx) => {
        await insertTotpFactor(tx, userId, { secret: 'encrypted', step: 0 })
        await replaceRecoveryCodes(tx, userId, [new Uint8Array(32)])
      })
    }
    const answer = await json('reset-factors', ada.email, '--reason', 'lost the phone')
    assert.deepEqual([answer.id, answer.endedSessions, answer.endedGrants, answer.endedKeys], [ada.userId, 1, 1, 1])
    assert.deepEqual(await findSecondFactors(database, ada.userId), { totp: null, recoveryCodes: 0 })
    assert.equal((await findSecondFactors(database, eve.userId)).recoveryCodes, 1)
    assert.deepEqual(await keysOf(ada), { own: 'active', granted: 'revoked' })
    const event = (await trail(ada.organizationId)).find(({ action }) => action === 'user.reset_factors')
    assert.deepEqual([event?.targetId, event?.actorId, event?.source], [ada.userId, null, 'operations'])
    assert.deepEqual(event?.metadata, { endedSessions: 1, endedGrants: 1, endedKeys: 1, reason: 'lost the phone' })
  })

  it('reports and ends the removal that the person has requested, which show prints too', async () => {
    const ada = await person()
    const endsAt = new Date(Date.now() + 3_600_000)
    await inAudit(database, systemAuthority('test'), [], async (tx) => {
      await insertTotpFactor(tx, ada.userId, { secret: 'encrypted', step: 0 })
      await insertFactorReset(tx, {
        userId: ada.userId,
        email: ada.email,
        stage: 'requested',
        startedAt: new Date(),
        endsAt,
      })
    })
    assert.equal((await json('show', ada.email)).factorsRemovedAt, endsAt.toISOString())
    const shown = (await user('show', ada.email)).stdout
    assert.ok(shown.includes(`reported its second factors lost: they are removed ${endsAt.toISOString()}`), shown)
    const ended = await user('reset-factors', ada.email)
    assert.ok(ended.stdout.includes(`lost them on ${endsAt.toISOString()} by its own request`), ended.stdout)
    assert.equal((await json('show', ada.email)).factorsRemovedAt, null)
  })
})
