import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { QUOTA_RESOURCES } from '@daytona-auth/protocol/quotas'
import { testDatabase } from '@daytona-auth/testing'
import { rowsOf } from './rows.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database

/** Tables of organizations whose rows no quota limits, with the reason. */
const WITHOUT_QUOTA: Readonly<Record<string, string>> = {
  api_key_last_uses: 'one row for each key',
  api_key_usage: 'counts of requests',
  api_key_usage_days: 'counts of requests',
  api_keys: 'counted in each of their organizations, by api_key_organizations',
  app_decisions: 'at most 500 for each organization, counted under its lock by the API',
  app_requests: 'at most ten for each member, counted under the lock of the user',
  audit_anchors: 'the trail',
  audit_chain_heads: 'the trail',
  audit_events: 'the trail',
  consent_organizations: 'one row for each consent of a member',
  identity_providers: 'one for each organization',
  member_roles: 'at most the product of members and roles',
  organization_identities: 'at most one for each person with an address in its domains',
  organization_domains: 'at most 50 for each organization, counted under its lock by the API',
  organization_quotas: 'the quotas',
  removed_members: 'one for each person who was a member',
}

describe('check_quota', () => {
  it('is a trigger of every table with rows of organizations, for a known resource, or there is a reason', async () => {
    const tables = await sql<{ name: string; resource: string | null }[]>`
      SELECT relname AS name, (
        SELECT substring(pg_get_triggerdef(pg_trigger.oid) FROM '''(\\w+)''') FROM pg_trigger
        WHERE tgrelid = pg_class.oid AND tgname = 'check_quota' AND tgenabled = 'O') AS resource
      FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'organization_id'
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`
    const unchecked = tables.filter(({ resource }) => resource === null).map(({ name }) => name)
    assert.deepEqual(unchecked.toSorted(), Object.keys(WITHOUT_QUOTA).toSorted())
    const checked = tables.flatMap(({ resource }) => resource ?? [])
    assert.deepEqual(checked.toSorted(), Object.keys(QUOTA_RESOURCES).toSorted())
  })

  it('refuses insertions by SQL, of several organizations at once, and inserts nothing', async () => {
    const rows = rowsOf(database)
    const owner = await rows.user()
    const [limited, free] = [await rows.organization(owner), await rows.organization(owner)]
    await sql`INSERT INTO organization_quotas (organization_id, resource, maximum) VALUES (${limited}, 'volumes', 1)`
    const insert = (prefix: string, ...organizations: string[]) => sql`
      INSERT INTO volumes (id, organization_id, name)
      SELECT ${prefix} || n, organization, ${prefix} || n FROM unnest(${organizations}::text[]) WITH ORDINALITY AS given (organization, n)`
    await assert.rejects(async () => await insert('a', free, limited, limited), { code: 'DA007', detail: 'volumes 1' })
    const [none] = await sql`SELECT count(*)::int AS n FROM volumes WHERE organization_id IN (${limited}, ${free})`
    assert.deepEqual(none, { n: 0 })
    await insert('b', free, free, limited)
    await sql`UPDATE volumes SET deleted_at = now() WHERE organization_id = ${limited}`
    await insert('c', limited)
    await assert.rejects(async () => await insert('d', limited), { code: 'DA007' })
  })

  it('lets concurrent transactions of several organizations wait for each other without a deadlock', async () => {
    const rows = rowsOf(database)
    const owner = await rows.user()
    const both = [await rows.organization(owner), await rows.organization(owner)]
    await sql`INSERT INTO organization_quotas (organization_id, resource, maximum)
      SELECT unnest(${both}::text[]), 'volumes', 6`
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, (_, at) => {
        const order = at % 2 ? both : both.toReversed()
        return sql.begin(
          (tx) => tx`INSERT INTO volumes (id, organization_id, name)
            SELECT 'vol_' || ${String(at)} || organization, organization, 'v' || ${String(at)} FROM unnest(${order}::text[]) organization`,
        )
      }),
    )
    const codes = results.map((result) =>
      result.status === 'rejected' ? (result.reason as { code: string }).code : 'ok',
    )
    assert.deepEqual(codes.toSorted(), [...Array(6).fill('DA007'), ...Array(6).fill('ok')])
  })
})
