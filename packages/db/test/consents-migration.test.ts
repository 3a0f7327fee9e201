import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import journal from '../migrations/meta/_journal.json' with { type: 'json' }
import { rowsOf } from './rows.ts'

const TAG = '0014_consents_by_organization'

describe('the migration to consents by organization', () => {
  it('keeps the consent for each organization, and nothing that may have been for another one', async (t) => {
    const { database } = await testDatabase(t, { isMigrated: false })
    const { $client: sql } = database
    const at = journal.entries.findIndex(({ tag }) => tag === TAG)
    const apply = async (tag: string) => {
      const text = await readFile(new URL(`../migrations/${tag}.sql`, import.meta.url), 'utf8')
      for (const statement of text.split('--> statement-breakpoint')) await sql.unsafe(statement)
    }
    for (const { tag } of journal.entries.slice(0, at)) await apply(tag)

    const rows = rowsOf(database)
    const user = await rows.user()
    const [a, b] = [await rows.organization(user), await rows.organization(user)]
    const foreign = await rows.organization(await rows.user())
    for (const [id, firstParty] of [
      ['single', false],
      ['several', false],
      ['identity', false],
      ['ours', true],
    ] as const) {
      await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes, first_party)
        VALUES (${id}, ${id}, 'native', '{}', '{openid}', ${firstParty})`
    }
    const scopes = ['openid', 'read:sandboxes', 'email', 'admin:organization']
    const insert = (client: string, agreed: string[], ids: string[], seconds: number) => sql`
      INSERT INTO consents (user_id, client_id, scopes, organization_ids, created_at, updated_at)
      VALUES (${user}, ${client}, ${agreed}, ${ids}, now(), now() + make_interval(secs => ${seconds}))`
    await insert('single', scopes, [a, b, foreign, 'org_deleted'], 0)
    await insert('several', scopes, [b], 1)
    await insert('identity', ['openid'], [], 0)
    await insert('ours', scopes, [], 1)

    await apply(TAG)

    assert.deepEqual(
      [...(await sql`SELECT client_id AS client, scopes FROM consents ORDER BY client_id`)],
      [
        { client: 'identity', scopes: ['openid'] },
        { client: 'ours', scopes },
        { client: 'several', scopes: ['openid', 'email'] },
        { client: 'single', scopes: ['openid', 'email'] },
      ],
    )
    const pairs =
      await sql`SELECT client_id AS client, organization_id AS id, scopes FROM consent_organizations ORDER BY id`
    assert.deepEqual(
      [...pairs],
      [a, b].toSorted().map((id) => ({ client: 'single', id, scopes: ['admin:organization', 'read:sandboxes'] })),
    )
  })
})
