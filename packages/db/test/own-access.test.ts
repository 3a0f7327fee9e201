import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { sql as drizzle } from 'drizzle-orm'
import { newId, type Queryable, type UserId } from '../src/core/index.ts'
import {
  choosePreferences,
  createEmailVerification,
  endUserSession,
  findEmailVerification,
  listAuthorizedApps,
  listSessions,
  lockUser,
  redeemEmailVerification,
  removeAuthorizedApp,
  renameUser,
  secondsToNextVerification,
} from '../src/users/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, rolledBack, waits } = transactionsOn(database)
const PAGE = { limit: 100 }
const NO_GRANT = newId('grant')

const isRevoked = async (id: string) => {
  const [row] = await sql`SELECT revoked_at IS NOT NULL AS "isRevoked" FROM grants WHERE id = ${id}`
  return row?.['isRevoked']
}
const hasSession = async (uid: string) => (await sql`SELECT FROM oidc_artifacts WHERE uid = ${uid}`).length > 0

describe('listSessions', () => {
  it('lists the sessions of a user with the apps of their active grants, the newest sign-in first', async () => {
    const user = await rows.user()
    const [b, a] = [await rows.client({ name: 'B' }), await rows.client({ name: 'A' })]
    const old = await rows.session(user, { payload: { loginTs: 1_700_000_000.5 } })
    const recent = await rows.session(user, { payload: { loginTs: 1_800_000_000 } })
    const current = await rows.grant(user, b, { sessionUid: old })
    await rows.grant(user, a, { sessionUid: old })
    const revoked = await rows.grant(user, a, { sessionUid: recent })
    await sql`UPDATE grants SET revoked_at = now() WHERE id = ${revoked}`
    await rows.grant(user, a, { sessionUid: recent, expiresIn: '-1 second' })
    await rows.grant(await rows.user(), a, { sessionUid: recent })
    const { rows: found, next } = await listSessions(database, user, current, PAGE)
    assert.deepEqual(
      found.map(({ id, signedInAt, isCurrent, apps }) => ({ id, signedInAt, isCurrent, apps: [...apps] })),
      [
        { id: recent, signedInAt: 1_800_000_000_000, isCurrent: false, apps: [] },
        {
          id: old,
          signedInAt: 1_700_000_000_500,
          isCurrent: true,
          apps: [
            { clientId: a, name: 'A' },
            { clientId: b, name: 'B' },
          ],
        },
      ],
    )
    assert.equal(next, null)
    assert.ok(Math.abs((found[0]?.expiresAt ?? 0) - Date.now() - 86_400_000) < 60_000)
  })

  it('lists no session that has expired, is anonymous, or is another user’s', async () => {
    const user = await rows.user()
    await rows.session(user, { expiresIn: '-1 second' })
    await rows.session(await rows.user())
    await sql`INSERT INTO oidc_artifacts (model, digest, payload, account_id, expires_at)
      VALUES ('Session', ${randomBytes(32)}, '{}', ${user}, now() + interval '1 hour')`
    assert.deepEqual((await listSessions(database, user, NO_GRANT, PAGE)).rows, [])
  })

  it('was last seen in its browser, or when tokens were last issued in it', async () => {
    const user = await rows.user()
    const client = await rows.client()
    const at = (time: string) => Date.parse(time)
    const seen = { at: at('2090-01-01T00:00:00Z') / 1000, address: '192.0.2.1', userAgent: 'agent' }
    const uid = await rows.session(user, { payload: { seen } })
    const read = async () => {
      const [session] = (await listSessions(database, user, NO_GRANT, PAGE)).rows
      return [session?.lastSeenAt, session?.userAgent, session?.ipAddress]
    }
    assert.deepEqual(await read(), [at('2090-01-01T00:00:00Z'), 'agent', '192.0.2.1'])
    const grant = await rows.grant(user, client, { sessionUid: uid })
    const foreign = await rows.grant(await rows.user(), client, { sessionUid: uid })
    for (const [id, created] of [
      [grant, '2091-01-01T00:00:00Z'],
      [foreign, '2092-01-01T00:00:00Z'],
    ] as const) {
      await sql`INSERT INTO oidc_artifacts (model, digest, payload, grant_id, created_at, expires_at)
        VALUES ('RefreshToken', ${randomBytes(32)}, '{}', ${id}, ${created}, '2099-01-01Z')`
    }
    assert.deepEqual(await read(), [at('2091-01-01T00:00:00Z'), 'agent', '192.0.2.1'])
    const [app] = (await listAuthorizedApps(database, user, PAGE)).rows
    assert.equal(app?.lastSeenAt, at('2091-01-01T00:00:00Z'))
  })

  it('takes the creation of a session as its sign-in if it has none', async () => {
    const user = await rows.user()
    await rows.session(user)
    const [session] = (await listSessions(database, user, NO_GRANT, PAGE)).rows
    assert.ok(Math.abs((session?.signedInAt ?? 0) - Date.now()) < 60_000)
  })
})

describe('listAuthorizedApps', () => {
  it('combines the consent, its organizations and the active grants of each app, by name', async () => {
    const user = await rows.user()
    const [one, two] = [await rows.organization(user), await rows.organization(user)]
    const [zeta, alpha, first] = [
      await rows.client({ name: 'Zeta' }),
      await rows.client({ name: 'Alpha' }),
      await rows.client({ name: 'Own', isFirstParty: true }),
    ]
    await sql`UPDATE oidc_clients SET homepage_uri = 'https://zeta.example', logo_uri = 'https://zeta.example/logo' WHERE id = ${zeta}`
    await sql`INSERT INTO consents (user_id, client_id, scopes, created_at) VALUES (${user}, ${zeta}, '{openid}', '2026-01-01Z')`
    await sql`INSERT INTO consent_organizations (user_id, client_id, organization_id, scopes) VALUES (${user}, ${zeta}, ${one}, '{read:volumes}')`
    for (const scopes of [['openid'], ['email', 'openid']])
      await rows.grant(user, zeta, { scopes, organizationIds: [two] })
    await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${user}, ${alpha}, '{profile}')`
    await rows.grant(user, first, { scopes: ['openid'] })
    const { rows: found } = await listAuthorizedApps(database, user, PAGE)
    assert.deepEqual(
      found.map(({ authorizedAt, lastSeenAt, ...app }) => ({ ...app, isSeen: lastSeenAt !== null })),
      [
        {
          clientId: alpha,
          name: 'Alpha',
          firstParty: false,
          homepageUri: null,
          logoUri: null,
          scopes: ['profile'],
          resourceServers: [],
          organizationIds: [],
          grants: 0,
          isSeen: false,
        },
        {
          clientId: first,
          name: 'Own',
          firstParty: true,
          homepageUri: null,
          logoUri: null,
          scopes: ['openid'],
          resourceServers: [],
          organizationIds: null,
          grants: 1,
          isSeen: true,
        },
        {
          clientId: zeta,
          name: 'Zeta',
          firstParty: false,
          homepageUri: 'https://zeta.example',
          logoUri: 'https://zeta.example/logo',
          scopes: ['email', 'openid', 'read:volumes'],
          resourceServers: [],
          organizationIds: [one, two].sort(),
          grants: 2,
          isSeen: true,
        },
      ],
    )
    assert.equal(found[2]?.authorizedAt, Date.UTC(2026, 0, 1))
  })

  it('lists the APIs that each app has active grants for, with the granted scopes that they still have', async () => {
    const [user, other] = [await rows.user(), await rows.user()]
    const organization = await rows.organization(user)
    const [client, without] = [await rows.client({ name: 'Zeta' }), await rows.client({ name: 'Alpha' })]
    const api = async (name: string, scopes: readonly string[]): Promise<string> => {
      const id = `rs_${randomUUID()}`
      await sql`INSERT INTO resource_servers (id, organization_id, identifier, name, scopes)
        VALUES (${id}, ${organization}, ${`https://${id}.example.com`}, ${name},
          ${JSON.stringify(scopes.map((scope) => ({ name: scope, description: 'What it allows' })))}::text::jsonb)`
      return id
    }
    const [invoices, books, files] = [
      await api('Invoices', ['read', 'send', 'write']),
      await api('Books', ['books']),
      await api('Files', ['files']),
    ]
    const grantFor = async (id: string, scopes: readonly string[], of = user, app = client): Promise<string> => {
      const grant = await rows.grant(of, app)
      await sql`UPDATE grants SET resource_server_id = ${id}, resource_scopes = ${[...scopes]} WHERE id = ${grant}`
      return grant
    }
    await grantFor(invoices, ['write', 'removed'])
    await grantFor(invoices, ['read', 'write'])
    await grantFor(books, [])
    const revoked = await grantFor(files, ['files'])
    await sql`UPDATE grants SET revoked_at = now() WHERE id = ${revoked}`
    await grantFor(files, ['files'], other)
    await rows.grant(user, without)
    const { rows: found } = await listAuthorizedApps(database, user, PAGE)
    assert.deepEqual(
      found.map(({ clientId, resourceServers }) => ({ clientId, resourceServers })),
      [
        { clientId: without, resourceServers: [] },
        {
          clientId: client,
          resourceServers: [
            { id: books, identifier: `https://${books}.example.com`, name: 'Books', scopes: [] },
            {
              id: invoices,
              identifier: `https://${invoices}.example.com`,
              name: 'Invoices',
              scopes: ['read', 'write'],
            },
          ],
        },
      ],
    )
  })

  it('lists no app by a grant that is revoked or expired, or of another user', async () => {
    const [user, other] = [await rows.user(), await rows.user()]
    const client = await rows.client()
    const revoked = await rows.grant(user, client)
    await sql`UPDATE grants SET revoked_at = now() WHERE id = ${revoked}`
    await rows.grant(user, client, { expiresIn: '-1 second' })
    await rows.grant(other, client)
    await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${other}, ${client}, '{openid}')`
    assert.deepEqual((await listAuthorizedApps(database, user, PAGE)).rows, [])
  })
})

describe('lockUser', () => {
  it('returns the personal organization of an enabled user', async () => {
    const user = await rows.user()
    await rows.organization(user)
    assert.equal(await change((tx) => lockUser(tx, user)), undefined)
    const personal = await rows.organization(user, { isPersonal: true })
    assert.equal(await change((tx) => lockUser(tx, user)), personal)
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${user}`
    assert.equal(await change((tx) => lockUser(tx, user)), undefined)
    assert.equal(await change((tx) => lockUser(tx, newId('usr'))), undefined)
  })

  it('makes another lock of the user wait, and sees that the user was disabled in the meantime', async () => {
    const user = await rows.user()
    await rows.organization(user, { isPersonal: true })
    const [locked, later] = await waits(
      async (tx) => {
        const organization = await lockUser(tx, user)
        await tx.execute(drizzle`UPDATE users SET disabled_at = now() WHERE id = ${user}`)
        return organization
      },
      () => change((tx) => lockUser(tx, user)),
    )
    assert.deepEqual([locked !== undefined, later], [true, undefined])
  })
})

describe('renameUser', () => {
  it('changes the name of one user, and when it was changed', async () => {
    const [user, other] = [await rows.user(), await rows.user()]
    await change((tx) => renameUser(tx, user, 'Grace'))
    const found =
      await sql`SELECT name, updated_at > created_at AS "isUpdated" FROM users WHERE id IN (${user}, ${other}) ORDER BY id`
    assert.deepEqual(
      [...found],
      [
        { name: 'Grace', isUpdated: true },
        { name: 'Ada', isUpdated: false },
      ],
    )
  })
})

describe('choosePreferences', () => {
  it('stores them for one user, with the time, and the language of the browser if none is chosen', async () => {
    const [user, other] = [await rows.user(), await rows.user()]
    const read = async (id: UserId) => {
      const [row] = await sql`SELECT language, chosen_language AS "chosenLanguage", time_zone AS "timeZone",
        updated_at > created_at AS "isUpdated" FROM users WHERE id = ${id}`
      return { ...row }
    }
    const chosen = { chosenLanguage: 'de', timeZone: 'Europe/Vienna' }
    await change((tx) => choosePreferences(tx, user, chosen, 'en'))
    assert.deepEqual(await read(user), { ...chosen, language: null, isUpdated: true })
    const none = { chosenLanguage: null, timeZone: null }
    assert.deepEqual(await read(other), { ...none, language: null, isUpdated: false })
    await change((tx) => choosePreferences(tx, user, none, 'en'))
    assert.deepEqual(await read(user), { ...none, language: 'en', isUpdated: true })
  })
})

describe('endUserSession', () => {
  const end = (user: UserId, uid: string) => change((tx) => endUserSession(tx, user, uid, 'ended'))

  it('ends a session of the user, with the grants made in it', async () => {
    const user = await rows.user()
    const client = await rows.client()
    const [uid, other] = [await rows.session(user), await rows.session(user)]
    const [grant, elsewhere] = [
      await rows.grant(user, client, { sessionUid: uid }),
      await rows.grant(user, client, { sessionUid: other }),
    ]
    const ended = await end(user, uid)
    assert.deepEqual(
      ended?.grants.map(({ id }) => id),
      [grant],
    )
    assert.deepEqual([await hasSession(uid), await hasSession(other), await isRevoked(elsewhere)], [false, true, false])
    assert.equal(await end(user, uid), undefined, 'it has ended')
  })

  it('ends no session of another user, and none that has expired', async () => {
    const [user, eve] = [await rows.user(), await rows.user()]
    const [uid, expired] = [await rows.session(user), await rows.session(user, { expiresIn: '-1 second' })]
    const grant = await rows.grant(user, await rows.client(), { sessionUid: uid })
    assert.equal(await end(eve, uid), undefined)
    assert.equal(await end(user, expired), undefined)
    assert.deepEqual([await hasSession(uid), await isRevoked(grant)], [true, false])
  })
})

describe('removeAuthorizedApp', () => {
  const remove = (user: UserId, client: string) => change((tx) => removeAuthorizedApp(tx, user, client, 'removed'))
  const consents = async (user: UserId, client: string) =>
    (await sql`SELECT FROM consents WHERE user_id = ${user} AND client_id = ${client}`).length

  it('revokes the grants of the app for the user, and deletes the consent', async () => {
    const [user, other] = [await rows.user(), await rows.user()]
    const [client, neighbour] = [await rows.client(), await rows.client()]
    for (const [who, app] of [
      [user, client],
      [user, neighbour],
      [other, client],
    ] as const)
      await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${who}, ${app}, '{openid}')`
    const grants = [await rows.grant(user, client), await rows.grant(user, client)]
    const kept = [await rows.grant(user, neighbour), await rows.grant(other, client)]
    const ended = await remove(user, client)
    assert.deepEqual(ended?.grants.map(({ id }) => id).toSorted(), grants.toSorted())
    assert.deepEqual(await Promise.all(kept.map(isRevoked)), [false, false])
    assert.deepEqual(
      [await consents(user, client), await consents(user, neighbour), await consents(other, client)],
      [0, 1, 1],
    )
    assert.equal(await remove(user, client), undefined)
  })

  it('is done with a consent only, or a grant only', async () => {
    const user = await rows.user()
    const [consented, granted] = [await rows.client(), await rows.client()]
    await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${user}, ${consented}, '{openid}')`
    const grant = await rows.grant(user, granted)
    assert.deepEqual(await remove(user, consented), { grants: [], keys: [] })
    assert.deepEqual(
      (await remove(user, granted))?.grants.map(({ id }) => id),
      [grant],
    )
  })
})

describe('a mail that verifies an address', () => {
  const HOUR_MS = 3_600_000
  const send = (db: Queryable, user: UserId, tokenDigest = randomBytes(32), email = `${user}@example.com`) =>
    // A transaction of this file is passed.
    createEmailVerification(db as Parameters<typeof createEmailVerification>[0], user, {
      email,
      tokenDigest,
      expiresAt: new Date(Date.now() + HOUR_MS),
    })
  const isVerified = async (user: UserId) => {
    const [row] = await sql`SELECT email_verified FROM users WHERE id = ${user}`
    return row?.['email_verified']
  }
  /** Sets the counters of a user's mails relative to the instant of the transaction. */
  const sent = (tx: Queryable, user: UserId, count: number, last: string, since: string) =>
    tx.execute(drizzle`UPDATE email_verifications SET sent = ${count}, sent_at = now() - ${last}::interval,
      sent_since = now() - ${since}::interval WHERE user_id = ${user}`)

  it('is the only one that counts: the previous token is invalid', async () => {
    const user = await rows.user()
    const [first, second] = [randomBytes(32), randomBytes(32)]
    await change((tx) => send(tx, user, first))
    assert.deepEqual(await findEmailVerification(database, first), { userId: user, email: `${user}@example.com` })
    await change((tx) => sent(tx, user, 1, '1 hour', '1 hour'))
    assert.equal(await change((tx) => send(tx, user, second)), true)
    assert.equal(await findEmailVerification(database, first), undefined)
    assert.equal((await findEmailVerification(database, second))?.userId, user)
  })

  for (const [count, last, since, isSent, next] of [
    [1, '1 minute', '1 minute', true, 0],
    [1, '59.999999 seconds', '1 hour', false, 0.000001],
    [4, '1 minute', '23 hours', true, 0],
    [5, '2 minutes', '23 hours', false, 3600],
    [5, '30 seconds', '23 hours 59 minutes 50 seconds', false, 30],
    [5, '2 minutes', '1 day', true, 0],
    [5, '10 seconds', '1 day', false, 50],
  ] as const) {
    it(`is ${isSent ? '' : 'not '}sent after ${count} mails since ${since}, the last one ${last} ago`, async () => {
      const user = await rows.user()
      await change((tx) => send(tx, user))
      const [outcome, counters, seconds] = await rolledBack(async (tx) => {
        await sent(tx, user, count, last, since)
        const before = await secondsToNextVerification(tx, user)
        const was = await send(tx, user)
        const [row] = await tx.execute(
          drizzle`SELECT sent, sent_since = now() AS "isNew" FROM email_verifications WHERE user_id = ${user}`,
        )
        return [was, row, before]
      })
      const isNew = since === '1 day' && isSent
      assert.deepEqual([outcome, counters], [isSent, { sent: isSent ? (isNew ? 1 : count + 1) : count, isNew }])
      assert.ok(seconds <= next && seconds > next - 5, String(seconds))
    })
  }

  it('can be sent at once to a user without one', async () => {
    assert.equal(await secondsToNextVerification(database, await rows.user()), 0)
  })

  it('counts for one user', async () => {
    const [user, other] = [await rows.user(), await rows.user()]
    await change((tx) => send(tx, user))
    assert.deepEqual([await change((tx) => send(tx, user)), await change((tx) => send(tx, other))], [false, true])
  })

  it('verifies the address that it was sent to, once', async () => {
    const user = await rows.user()
    const digest = randomBytes(32)
    await change((tx) => send(tx, user, digest))
    const redeem = () => change((tx) => redeemEmailVerification(tx, digest, user))
    assert.deepEqual([await redeem(), await isVerified(user), await redeem()], [true, true, false])
  })

  for (const [what, spoil] of Object.entries({
    'of another user': async () => rows.user(),
    'of a disabled user': async (user) => sql`UPDATE users SET disabled_at = now() WHERE id = ${user}`,
    'of a user with another address now': async (user) =>
      sql`UPDATE users SET email = ${`new-${user}@example.com`} WHERE id = ${user}`,
    'that has expired': async (user) => sql`UPDATE email_verifications SET expires_at = now() WHERE user_id = ${user}`,
  } satisfies Record<string, (user: UserId) => Promise<unknown>>)) {
    it(`does not verify the address ${what}`, async () => {
      const user = await rows.user()
      const digest = randomBytes(32)
      await change((tx) => send(tx, user, digest))
      const spoilt = await spoil(user)
      const redeemer = typeof spoilt === 'string' ? spoilt : user
      if (redeemer === user) assert.equal(await findEmailVerification(database, digest), undefined)
      assert.equal(await rolledBack((tx) => redeemEmailVerification(tx, digest, redeemer)), false)
      assert.equal(await isVerified(redeemer), false)
    })
  }

  it('expires at the exact instant', async () => {
    const user = await rows.user()
    const digest = randomBytes(32)
    await change((tx) => send(tx, user, digest))
    const at = (microseconds: number) =>
      rolledBack(async (tx) => {
        await tx.execute(
          drizzle`UPDATE email_verifications SET expires_at = now() + ${`${microseconds} microseconds`}::interval WHERE user_id = ${user}`,
        )
        return [
          (await findEmailVerification(tx, digest)) !== undefined,
          await redeemEmailVerification(tx, digest, user),
        ]
      })
    assert.deepEqual(
      [await at(1), await at(0)],
      [
        [true, true],
        [false, false],
      ],
    )
  })

  it('is redeemed once by two at the same time', async () => {
    const user = await rows.user()
    const digest = randomBytes(32)
    await change((tx) => send(tx, user, digest))
    const outcomes = await waits(
      (tx) => redeemEmailVerification(tx, digest, user),
      () => change((tx) => redeemEmailVerification(tx, digest, user)),
    )
    assert.deepEqual(outcomes, [true, false])
  })
})
