import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { createEmailVerification } from '@daytona-auth/db/users'
import { waitFor } from '@daytona-auth/testing'
import { PASSWORD, type Person, testProvider } from '../fixture.ts'
import { trailOf } from './harness.ts'
import { arrive, authorizationRequest, inputOf, send, textOf, visitor } from './visitor.ts'

const TEST_AUTHORITY = systemAuthority('test')

const outbox = await mkdtemp(join(tmpdir(), 'outbox-'))
after(() => rm(outbox, { recursive: true }))
const provider = await testProvider({ after }, { env: { FAILED_SIGN_INS_LIMIT: '3', OUTBOX_DIR: outbox } })
const { database, issuer, log } = provider
const page = `${issuer}/oauth/verify-email`
const { get, post } = visitor(issuer)
const GONE = /This link does not work any more/

/** Creates a person with an unverified address, and the mailed token, as the API does. */
async function createUnverifiedPerson(endsInMs = 60_000): Promise<Person & { token: string }> {
  const person = await provider.person('Bob')
  const { userId, email, organizationId } = person
  await database.$client`UPDATE users SET email_verified = false WHERE id = ${userId}`
  const token = randomBytes(32).toString('base64url')
  const expiresAt = new Date(Date.now() + endsInMs)
  const entry = {
    actorId: null,
    actorEmail: null,
    source: 'test',
    organizationId,
    action: 'user.request_email_verification',
  } as const
  await inAudit(database, TEST_AUTHORITY, entry, (tx) =>
    createEmailVerification(tx, userId, { email, tokenDigest: hash('sha256', token, 'buffer'), expiresAt }),
  )
  return { ...person, token }
}
const isVerified = async ({ userId }: Person) =>
  (await database.$client`SELECT email_verified FROM users WHERE id = ${userId}`)[0]?.['email_verified']

describe('the page that verifies an address', () => {
  it('rejects an unknown or expired token, and any token of a disabled user', async () => {
    const [over, disabled] = [await createUnverifiedPerson(-1), await createUnverifiedPerson()]
    await database.$client`UPDATE users SET disabled_at = now() WHERE id = ${disabled.userId}`
    const unknown = randomBytes(32).toString('base64url')
    for (const token of ['', 'x', '\0', unknown, over.token, disabled.token]) {
      const shown = await get(`${page}?token=${encodeURIComponent(token)}`)
      assert.equal(shown.status, 404)
      assert.match(textOf(shown), GONE)
      assert.equal((await post(page, { token, password: PASSWORD })).status, 404)
    }
    assert.equal((await get(page)).status, 404)
    assert.deepEqual([await isVerified(over), await isVerified(disabled)], [false, false])
  })

  it('refuses a cross-origin form, and a GET changes nothing', async () => {
    const bob = await createUnverifiedPerson()
    for (let times = 0; times < 3; times += 1) assert.equal((await get(`${page}?token=${bob.token}`)).status, 200)
    const form = { token: bob.token, password: PASSWORD }
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null', 'sec-fetch-site': 'cross-site' }]) {
      assert.equal((await post(page, form, headers)).status, 403)
    }
    assert.equal(await isVerified(bob), false)
  })

  it('refuses a wrong password, and counts the attempts', async () => {
    const bob = await createUnverifiedPerson()
    for (const [password, status] of [
      ['', 400],
      ['another password 77', 400],
      [`${PASSWORD} `, 400],
      [PASSWORD, 429],
    ] as const) {
      assert.equal((await post(page, { token: bob.token, password })).status, status)
    }
    assert.equal(await isVerified(bob), false)
  })

  it('is sent without a referrer', async () => {
    const bob = await createUnverifiedPerson()
    const shown = await get(`${page}?token=${bob.token}`)
    assert.equal(inputOf(shown, 'token'), bob.token)
    assert.equal(shown.headers.get('referrer-policy'), 'no-referrer')
    assert.equal(shown.headers.get('cache-control'), 'no-store')
    assert.match(shown.headers.get('content-security-policy') ?? '', /default-src 'none'.*form-action 'self'/)
  })

  it('verifies the address once', async () => {
    const bob = await createUnverifiedPerson()
    const answers = await Promise.all(
      // As a browser submits the page's own form under `no-referrer`.
      Array.from({ length: 3 }, () =>
        post(page, { token: bob.token, password: PASSWORD }, { origin: 'null', 'sec-fetch-site': 'same-origin' }),
      ),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 404, 404])
    const done = answers.find(({ status }) => status === 200)
    assert.ok(done)
    assert.match(textOf(done), new RegExp(`${bob.email} is yours`))
    assert.ok(done.html.includes(`href="${issuer}/dashboard"`))
    assert.equal(await isVerified(bob), true)
    assert.match(textOf(await get(`${page}?token=${bob.token}`)), GONE)
    const verified = (await trailOf(provider, bob)).filter(({ action }) => action === 'user.verify_email')
    assert.deepEqual(verified, [
      { action: 'user.verify_email', statusCode: 200, actorId: bob.userId, targetId: bob.userId },
    ])
    assert.ok(!provider.log.text().includes(bob.token))
  })
})

describe('sign-up', () => {
  const REDIRECT = 'https://app.example.com/callback'
  /** The complete mails. */
  const listMails = async () => (await readdir(outbox)).filter((name) => !name.startsWith('.'))
  const signUp = async (email: string) => {
    const { clientId } = await provider.client(await provider.person(), { type: 'spa', redirectUris: [REDIRECT] })
    const visit = visitor(issuer)
    const signIn = await arrive(visit, authorizationRequest(issuer, { client_id: clientId, redirect_uri: REDIRECT }))
    const form = await visit.get(`${signIn.url.href}/sign-up`)
    return send(visit, form, 'sign-up', { name: 'Grace Hopper', email, password: PASSWORD })
  }

  it('mails one link that verifies the address, and records it in the audit trail', async () => {
    assert.equal((await signUp('Grace@Example.com')).status, 303)
    const [file, ...others] = await waitFor(async () => {
      const files = await listMails()
      return files.length > 0 && files
    })
    assert.deepEqual(others, [])
    const mail = await readFile(join(outbox, String(file)), 'utf8')
    assert.match(mail, /^To: grace@example\.com\r?$/m)
    const token = /verify-email\?token=([\w-]{43})/.exec(mail.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '='))?.[1]
    assert.ok(token)
    const trail = await database.$client`
      SELECT action, source FROM audit_events WHERE actor_email = 'grace@example.com' AND action LIKE '%verif%'`
    assert.deepEqual([...trail], [{ action: 'user.request_email_verification', source: 'provider' }])
    assert.equal((await post(page, { token, password: PASSWORD })).status, 200)
    const [user] = await database.$client`SELECT email_verified FROM users WHERE email = 'grace@example.com'`
    assert.deepEqual(user, { email_verified: true })
  })

  it('mails a link that verifies an address with an internationalized domain', async () => {
    const sent = new Set(await listMails())
    assert.equal((await signUp('Grace@B\u00fccher.example')).status, 303)
    const file = await waitFor(async () => (await listMails()).find((name) => !sent.has(name)))
    const mail = await readFile(join(outbox, file), 'utf8')
    const token = /verify-email\?token=([\w-]{43})/.exec(mail.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '='))?.[1]
    assert.ok(token)
    assert.equal((await post(page, { token, password: PASSWORD })).status, 200)
    const [user] = await database.$client`
      SELECT email_verified FROM users WHERE email = 'grace@xn--bcher-kva.example'`
    assert.deepEqual(user, { email_verified: true })
  })

  it('succeeds if the mail cannot be sent, and logs the failure', async () => {
    await rm(outbox, { recursive: true })
    await writeFile(outbox, 'no directory')
    assert.equal((await signUp('ada@example.com')).status, 303)
    await waitFor(() => log.lines().some(({ msg, level }) => msg === 'mail failed' && level === 'warn'))
  })
})
