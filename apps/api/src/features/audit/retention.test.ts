import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { world } from '../../../test/world.ts'
import { loadApiConfig } from '../../config.ts'

const KEYS = 'what anchors are signed with now 1,what anchors were signed with before'
const SHORT =
  'AUDIT_ANCHOR_KEYS must have 32 characters or more (each of the comma-separated secrets): make one with openssl rand -hex 32'
const needed = { DATABASE_URL: 'postgres://localhost/x', ISSUER: 'https://api.example.test' }

describe('the retention setting', () => {
  it('is refused without anchor keys, and with short ones', () => {
    const problems: Record<string, Record<string, string>> = {
      'AUDIT_ANCHOR_KEYS is required if AUDIT_RETENTION_MONTHS is set': { AUDIT_RETENTION_MONTHS: '12' },
      [SHORT]: { AUDIT_ANCHOR_KEYS: 'short' },
      'AUDIT_RETENTION_MONTHS must be a whole number of 1 to 1200': {
        AUDIT_RETENTION_MONTHS: 'x',
        AUDIT_ANCHOR_KEYS: KEYS,
      },
    }
    for (const [problem, env] of Object.entries(problems)) {
      assert.throws(() => loadApiConfig({ ...needed, ...env }), { message: `invalid environment: ${problem}` })
    }
  })

  it('drops older months, and the chain still verifies', async () => {
    const { request, person, database, anotherApi } = await world({ after }, { AUDIT_ANCHOR_KEYS: KEYS })
    const ada = await person()
    const { value: token } = await ada.token()
    const sql = database.$client
    const [month] =
      await sql`SELECT to_char(first, 'YYYY_MM') AS name, first::text, (first + interval '1 month')::text AS next
      FROM (SELECT date_trunc('month', now()) - interval '3 months' AS first) AS past`
    const partition = `audit_events_${month?.['name']}`
    await sql.unsafe(
      `CREATE TABLE ${partition} PARTITION OF audit_events FOR VALUES FROM ('${month?.['first']}') TO ('${month?.['next']}')`,
    )
    await sql`INSERT INTO audit_events (id, organization_id, action, source, created_at)
      VALUES ('evt_old', ${ada.personalOrganizationId}, 'thing.make', 'test', ${month?.['first']})`
    await ada.key(ada.personalOrganizationId, ['read:volumes'])

    await anotherApi({ AUDIT_RETENTION_MONTHS: '2' })
    await waitFor(async () => (await sql`SELECT to_regclass(${partition}) AS found`)[0]?.['found'] === null)
    const answer = await request('GET', `/audit/organizations/${ada.personalOrganizationId}/verify`, token)
    const { dropped } = answer.body as { dropped: { droppedAt: string }[] }
    assert.deepEqual(answer.body, {
      valid: true,
      events: 2,
      brokenAt: null,
      brokenEventId: null,
      dropped: [{ month: String(month?.['name']).replace('_', '-'), droppedAt: dropped[0]?.droppedAt }],
    })
    const { body } = await request('GET', `/audit/organizations/${ada.personalOrganizationId}`, token)
    assert.equal((body as { total: number }).total, 2)
  })
})
