import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { findEmailVerification, redeemEmailVerification } from '@daytona-auth/db/users'
import { waitFor } from '@daytona-auth/testing'
import { errorBody, type World, world } from '../../../test/world.ts'

const TEST_AUTHORITY = systemAuthority('test')

const outbox = await mkdtemp(join(tmpdir(), 'outbox-'))
after(() => rm(outbox, { recursive: true }))
const here = await world({ after }, { OUTBOX_DIR: outbox })
const { request, database, anotherApi, log } = here
const there = await anotherApi()
const sql = database.$client
const PATH = '/users/me/email-verification'
const TOO_MANY = errorBody(429, 'Too Many Requests', 'Rate limit exceeded')

async function unverified({ person, database: db }: World = here) {
  const who = await person('Bob')
  await db.$client`UPDATE users SET email_verified = false WHERE id = ${who.userId}`
  return { ...who, token: (await who.token()).value }
}
type Unverified = Awaited<ReturnType<typeof unverified>>

/** Moves the last mail back in time. */
const wait = (who: Unverified, long: string) => sql`
  UPDATE email_verifications SET sent_at = sent_at - ${long}::interval, sent_since = sent_since - ${long}::interval
  WHERE user_id = ${who.userId}`
const digestOf = (token: string) => hash('sha256', token, 'buffer')
const trail = async (who: Pick<Unverified, 'personalOrganizationId'>) =>
  (
    await sql`SELECT action FROM audit_events
      WHERE organization_id = ${who.personalOrganizationId} AND action <> 'user.create' ORDER BY sequence`
  ).map((event) => event['action'])

async function mailed(who: Unverified): Promise<string> {
  const answer = await request('POST', PATH, who.token)
  assert.equal(answer.status, 200, answer.text)
  const file = (await readdir(outbox)).find((name) => answer.text.includes(name))
  assert.ok(file)
  assert.deepEqual(answer.body, {
    status: 'outbox',
    message: `No mail server is configured: the mail was written to the outbox directory as ${file}`,
  })
  const mail = (await readFile(join(outbox, file), 'utf8')).replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=')
  assert.ok(mail.includes(`To: ${who.email}\r\n`))
  const [, token] = /https:\/\/api\.example\.test\/oauth\/verify-email\?token=([\w-]{43})\r?$/m.exec(mail) ?? []
  assert.ok(token)
  return token
}

describe('POST /users/me/email-verification', () => {
  it('refuses an address that is verified already', async () => {
    const ada = await here.person('Ada')
    const { value } = await ada.token()
    const answer = await request('POST', PATH, value)
    assert.deepEqual(
      [answer.status, answer.body],
      [409, errorBody(409, 'Conflict', 'Your address is verified already')],
    )
    assert.deepEqual(await trail(ada), [])
  })

  it('mails in the language of the account, which programs do not state', async () => {
    const bob = await unverified()
    await sql`UPDATE users SET language = 'de' WHERE id = ${bob.userId}`
    const answer = await request('POST', PATH, bob.token)
    const file = (await readdir(outbox)).find((name) => answer.text.includes(name))
    assert.match(await readFile(join(outbox, file ?? ''), 'utf8'), /<html lang=3D"de">/)
  })

  it('mails once a minute and five times a day, across concurrent requests and processes', async () => {
    const bob = await unverified()
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, at) => request('POST', PATH, bob.token, at % 2 ? { api: there } : {})),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(5).fill(429)])
    const refused = answers.find(({ status }) => status === 429)
    assert.deepEqual(refused?.body, TOO_MANY)
    const seconds = Number(refused?.headers.get('retry-after'))
    assert.ok(seconds > 50 && seconds <= 60, String(seconds))

    for (let sent = 1; sent < 5; sent += 1) {
      await wait(bob, '1 minute')
      await mailed(bob)
    }
    await wait(bob, '1 minute')
    const sixth = await request('POST', PATH, bob.token)
    assert.deepEqual([sixth.status, sixth.body], [429, TOO_MANY])
    const later = Number(sixth.headers.get('retry-after'))
    assert.ok(later > 86_000 && later <= 86_400, String(later))
    await wait(bob, '1 day')
    await mailed(bob)
    assert.equal((await trail(bob)).length, 6)
  })

  it('mails a token that is stored only as a digest, and that the next mail replaces', async () => {
    const bob = await unverified()
    const first = await mailed(bob)
    assert.deepEqual(await findEmailVerification(database, digestOf(first)), { userId: bob.userId, email: bob.email })
    const [row] = await sql`SELECT e::text AS stored, extract(epoch FROM expires_at - sent_at)::int AS lasts
      FROM email_verifications e WHERE user_id = ${bob.userId}`
    assert.ok(Math.abs(row?.['lasts'] - 86_400) < 60)
    const [all] = await sql`SELECT string_agg(to_json(e)::text, '') AS events FROM audit_events e`
    for (const text of [row?.['stored'], all?.['events'], log.text()]) assert.ok(!text.includes(first))
    await wait(bob, '1 minute')
    const second = await mailed(bob)
    assert.equal(await findEmailVerification(database, digestOf(first)), undefined)
    assert.ok(await findEmailVerification(database, digestOf(second)))
  })

  it('mails a token that verifies neither another account nor another address, and expires', async () => {
    const [bob, eve] = [await unverified(), await unverified()]
    const digest = digestOf(await mailed(bob))
    const redeem = (userId = bob.userId) =>
      inAudit(
        database,
        TEST_AUTHORITY,
        (done: boolean) =>
          done
            ? {
                organizationId: bob.personalOrganizationId,
                action: 'user.verify_email',
                actorId: null,
                actorEmail: null,
                source: 'test',
              }
            : [],
        (tx) => redeemEmailVerification(tx, digest, userId),
      )
    assert.equal(await redeem(eve.userId), false)
    await sql`UPDATE email_verifications SET expires_at = now() WHERE user_id = ${bob.userId}`
    assert.equal(await findEmailVerification(database, digest), undefined)
    assert.equal(await redeem(), false)
    await sql`UPDATE email_verifications SET expires_at = now() + interval '1 hour' WHERE user_id = ${bob.userId}`
    await sql`UPDATE users SET email = ${`new-${bob.email}`} WHERE id = ${bob.userId}`
    assert.equal(await findEmailVerification(database, digest), undefined)
    await sql`UPDATE users SET email = ${bob.email} WHERE id = ${bob.userId}`
    const me = async () => (await request('GET', '/users/me', bob.token)).body as { emailVerified: boolean }
    assert.equal((await me()).emailVerified, false)
    assert.deepEqual((await Promise.all([redeem(), redeem(), redeem()])).sort(), [false, false, true])
    await waitFor(async () => (await me()).emailVerified)
  })

  it('reports a failed mail and a missing mailer', async () => {
    const failing = await world({ after }, { SMTP_URL: 'smtp://127.0.0.1:1' })
    const silent = await world({ after })
    for (const [where, body] of [
      [failing, { status: 'failed', message: 'The mail could not be sent: request another one in a minute' }],
      [silent, { status: 'none', message: 'This service sends no mail: ask its operator to verify your address' }],
    ] as const) {
      const { token } = await unverified(where)
      const answer = await where.request('POST', PATH, token)
      assert.deepEqual([answer.status, answer.body], [200, body])
    }
  })
})
