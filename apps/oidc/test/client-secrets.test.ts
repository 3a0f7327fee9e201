import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { digestOf } from '@daytona-auth/auth'
import { newId } from '@daytona-auth/db/core'
import { waitFor } from '@daytona-auth/testing'
import { post, testProvider } from './fixture.ts'

let ahead = 0
const provider = await testProvider({ after }, { now: () => Date.now() + ahead })
const sql = provider.database.$client
const person = await provider.person()

const HOUR_MS = 3_600_000

type App = Awaited<ReturnType<typeof provider.client>>

/** Adds a secret as the API does. Returns its id and the app that authenticates with it. */
async function add(app: App, expiresAt: Date | null = null): Promise<{ readonly id: string; readonly app: App }> {
  const [id, secret] = [newId('sec'), `secret-${newId('sec')}`]
  await sql`INSERT INTO oidc_client_secrets (id, client_id, name, digest, expires_at)
    VALUES (${id}, ${app.clientId}, 'next', ${digestOf(secret)}, ${expiresAt?.toISOString() ?? null})`
  return { id, app: { ...app, secret } }
}

/** Authenticates the app. The token is unknown: only the authentication decides the status. */
const statusOf = async (app: App) => (await post(provider, '/oauth/revoke', app, { token: 'none' })).status
const isAccepted = (app: App) => waitFor(async () => (await statusOf(app)) === 200)
const isRefused = (app: App) => waitFor(async () => (await statusOf(app)) === 401)

describe('a client with several secrets', () => {
  it('is refused with any other text, with a digest, and with the secret of another client', async () => {
    const app = await provider.client(person)
    const other = await provider.client(person)
    const { app: next } = await add(app)
    await isAccepted(next)
    for (const secret of ['wrong', '', digestOf(app.secret ?? '').toString('base64url'), other.secret, undefined]) {
      assert.notEqual(await statusOf({ ...app, secret }), 200, String(secret))
    }
  })

  it('authenticates with each of them', async () => {
    const app = await provider.client(person)
    assert.equal(await statusOf(app), 200)
    const { app: next } = await add(app)
    await isAccepted(next)
    assert.equal(await statusOf(app), 200)
  })

  it('is refused with a deleted secret within the bound, and accepted with the other', async () => {
    const app = await provider.client(person)
    const { id, app: next } = await add(app)
    await isAccepted(next)
    await sql`DELETE FROM oidc_client_secrets WHERE id = ${id}`
    await isRefused(next)
    assert.equal(await statusOf(app), 200)
  })

  it('is refused with an expired secret, from that instant on', async () => {
    const app = await provider.client(person)
    const { app: past } = await add(app, new Date(Date.now() - 1))
    const { app: soon } = await add(app, new Date(Date.now() + HOUR_MS))
    await isAccepted(soon)
    assert.equal(await statusOf(past), 401)
    ahead = HOUR_MS - 60_000
    assert.equal(await statusOf(soon), 200)
    ahead = HOUR_MS
    assert.equal(await statusOf(soon), 401)
    assert.equal(await statusOf(app), 200)
    ahead = 0
  })

  it('is never a public client: without any secret it cannot authenticate', async () => {
    const app = await provider.client(person)
    await sql`DELETE FROM oidc_client_secrets WHERE client_id = ${app.clientId}`
    await isRefused(app)
    assert.notEqual(await statusOf({ ...app, secret: undefined }), 200)
  })

  it('records the last use of the secret that authenticated it, and of no other', async () => {
    const app = await provider.client(person)
    const { id, app: next } = await add(app)
    const begun = Date.now()
    await isAccepted(next)
    await statusOf({ ...app, secret: 'wrong' })
    const rows = await waitFor(async () => {
      const found = await sql`SELECT id, last_used_at FROM oidc_client_secrets
        WHERE client_id = ${app.clientId} AND last_used_at IS NOT NULL`
      return found.length > 0 ? [...found] : undefined
    })
    assert.deepEqual(
      rows.map((row) => [row['id'], Date.parse(row['last_used_at']) >= begun - 1]),
      [[id, true]],
    )
  })
})
