import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { type ClientDenial, listClientDenials, MAX_DENIALS, recordClientDenials } from '../src/clients/index.ts'
import { rowsOf } from './rows.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const owner = await rows.user()
const [home, elsewhere] = [await rows.organization(owner), await rows.organization(owner)]
const MINUTE_MS = 60_000
const start = Date.now() - 60 * MINUTE_MS
/** The instant some minutes after the start. */
const minute = (minutes: number): Date => new Date(start + minutes * MINUTE_MS)

const denial = (clientId: string, more: Partial<ClientDenial> = {}): ClientDenial => ({
  clientId,
  reason: 'invalid_redirect_uri',
  redirectUri: 'https://app.example.test/cb',
  count: 1,
  firstAt: minute(1),
  lastAt: minute(1),
  ...more,
})

describe('denials of a client', () => {
  it('are counted by reason and URI, and read in the client’s organization only', async () => {
    const [app, other] = [await rows.client({ organization: home }), await rows.client({ organization: home })]
    const secret = denial(app, { reason: 'invalid_client', redirectUri: '', count: 3, lastAt: minute(2) })
    await recordClientDenials(database, [denial(app), secret, denial(other)])
    await recordClientDenials(database, [denial(app, { count: 4, firstAt: minute(0), lastAt: minute(3) })])
    assert.deepEqual(await listClientDenials(database, home, app), [
      denial(app, { count: 5, firstAt: minute(0), lastAt: minute(3) }),
      secret,
    ])
    assert.deepEqual(await listClientDenials(database, elsewhere, app), [])
  })

  it('of a client of the operator, or of one that was deleted, are left out', async () => {
    const [operators, app] = [await rows.client(), await rows.client({ organization: home })]
    await recordClientDenials(database, [denial(operators), denial('app_deleted'), denial(app)])
    const found = await sql`SELECT client_id FROM oidc_client_denials WHERE client_id IN (${operators}, 'app_deleted')`
    assert.deepEqual([...found], [])
    assert.equal((await listClientDenials(database, home, app)).length, 1)
  })

  it('are limited to the latest of each client, and to 30 days', async () => {
    const [app, quiet] = [await rows.client({ organization: home }), await rows.client({ organization: home })]
    const many = Array.from({ length: MAX_DENIALS + 5 }, (_, index) =>
      denial(app, { redirectUri: `https://${index}.example.test/`, lastAt: minute(index) }),
    )
    const old = new Date(Date.now() - 31 * 24 * 60 * MINUTE_MS)
    await recordClientDenials(database, [...many, denial(quiet, { firstAt: old, lastAt: old })])
    const kept = await listClientDenials(database, home, app)
    assert.deepEqual(
      kept.map(({ redirectUri }) => redirectUri),
      many
        .slice(5)
        .toReversed()
        .map(({ redirectUri }) => redirectUri),
    )
    const stored = await sql`SELECT FROM oidc_client_denials WHERE client_id IN (${app}, ${quiet})`
    assert.equal(stored.length, MAX_DENIALS)
    // A row that is still there is not shown.
    await sql`INSERT INTO oidc_client_denials VALUES (${quiet}, 'invalid_client', '', 1, ${old.toISOString()}, ${old.toISOString()})`
    assert.deepEqual(await listClientDenials(database, home, quiet), [])
  })

  it('are counted once each by concurrent processes, beside the deletion of a client', async () => {
    const apps = await Promise.all(Array.from({ length: 4 }, () => rows.client({ organization: home })))
    const batch = apps.flatMap((app) => [denial(app), denial(app, { reason: 'invalid_client', redirectUri: '' })])
    const deletion = sql`DELETE FROM oidc_clients WHERE id = ${apps[0] ?? ''}`
    await Promise.all([
      ...Array.from({ length: 10 }, (_, index) =>
        recordClientDenials(database, index % 2 === 0 ? batch : batch.toReversed()),
      ),
      deletion,
    ])
    for (const app of apps.slice(1)) {
      const counts = (await listClientDenials(database, home, app)).map(({ count }) => count)
      assert.deepEqual(counts, [10, 10])
    }
    assert.deepEqual(await listClientDenials(database, home, apps[0] ?? ''), [])
  })
})
