import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { API_KEY_SORTS, listApiKeys, searchApiKeys } from '../src/api-keys/index.ts'
import { listOauthApps } from '../src/clients/index.ts'
import { newId, type PageRequest } from '../src/core/index.ts'
import {
  listInvitations,
  listInvitationsTo,
  listMembers,
  listOrganizations,
  listRoles,
} from '../src/organizations/index.ts'
import { listRegistries, listVolumes } from '../src/resources/index.ts'
import { listAuthorizedApps, listSessions } from '../src/users/index.ts'
import { rowsOf } from './rows.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)

const COUNT = 5
const EMAIL = 'invited@example.com'
const owner = await rows.user()
const home = await rows.organization(owner)
const organizations = [home]
for (let count = 0; count < COUNT; count += 1) {
  const key = await rows.key(owner, home, { name: count % 2 ? `B${count}` : `b${count}` })
  await rows.secret(key)
  await rows.client({ organization: home, name: 'Same name' })
  await rows.role(home)
  await rows.session(owner, { payload: { loginTs: 1_700_000_000 } })
  await rows.grant(owner, await rows.client({ name: 'Same name' }))
  await rows.member(home, await rows.user())
  const organization = await rows.organization(await rows.user())
  organizations.push(organization)
  for (const [where, email] of [
    [home, `${newId('evt')}@example.com`],
    [organization, EMAIL],
  ] as const)
    await sql`INSERT INTO organization_invitations (id, organization_id, email, role, invited_by, token_digest, expires_at)
      VALUES (${newId('inv')}, ${where}, ${email}, 'member', ${owner}, ${randomBytes(32)}, now() + interval '1 day')`
  await sql`INSERT INTO volumes (id, organization_id, name) VALUES (${newId('vol')}, ${home}, ${`volume ${count}`})`
  await sql`INSERT INTO registries (id, organization_id, name, url, username, sealed_password)
    VALUES (${newId('reg')}, ${home}, ${`registry ${count}`}, '', '', '')`
}
// Two instants that differ by a microsecond, each of several rows: neither a rounded position nor one without the id suffices.
for (const table of [
  'organizations',
  'organization_members',
  'organization_invitations',
  'oidc_clients',
  'volumes',
  'registries',
]) {
  await sql.unsafe(`WITH placed AS (SELECT ctid, row_number() OVER () AS place FROM ${table})
    UPDATE ${table} SET created_at = '2026-01-01T00:00:00.000001Z'::timestamptz + (place % 2) * interval '1 microsecond'
    FROM placed WHERE placed.ctid = ${table}.ctid`)
}
await sql`UPDATE api_keys SET expires_at = '2100-01-01T00:00:00.000001Z' WHERE name < 'b3'`
await sql`UPDATE api_key_secrets SET last_used_at = '2026-01-01T00:00:00.000001Z' WHERE key_id IN (SELECT id FROM api_keys WHERE name > 'b1')`

interface Listed {
  readonly rows: readonly object[]
  readonly next: { readonly value: unknown; readonly id: string } | null
}
// The position of a list is passed to the same list only.
type List = (page: PageRequest<never>) => Promise<Listed>

/** Every list, with the number of its rows; null: at least as many as are made above. */
const LISTS: Record<string, readonly [List, number | null]> = {
  listApiKeys: [(page) => listApiKeys(database, home, { status: 'all' }, page), COUNT],
  listOauthApps: [(page) => listOauthApps(database, home, page), COUNT],
  listMembers: [(page) => listMembers(database, home, page), COUNT + 1],
  listOrganizations: [(page) => listOrganizations(database, organizations, page), COUNT + 1],
  listRoles: [(page) => listRoles(database, home, page), null],
  listInvitations: [(page) => listInvitations(database, home, page), COUNT],
  listInvitationsTo: [(page) => listInvitationsTo(database, EMAIL, page), COUNT],
  listSessions: [(page) => listSessions(database, owner, newId('grant'), page), COUNT],
  listAuthorizedApps: [(page) => listAuthorizedApps(database, owner, page), COUNT],
  listVolumes: [(page) => listVolumes(database, home, { includeDeleted: false }, page), COUNT],
  listRegistries: [(page) => listRegistries(database, home, page), COUNT],
  ...Object.fromEntries(
    API_KEY_SORTS.flatMap((by) =>
      (['asc', 'desc'] as const).map((direction): [string, readonly [List, number]] => [
        `searchApiKeys by ${by} ${direction}`,
        [(page) => searchApiKeys(database, home, { status: 'active' }, { by, direction }, page), COUNT],
      ]),
    ),
  ),
}

describe('the pages of a list', () => {
  for (const [name, [list, count]] of Object.entries(LISTS)) {
    it(`have each row once, in one order, at any size: ${name}`, async () => {
      const { rows: all, next } = await list({ limit: 1000 })
      assert.equal(next, null)
      assert.ok(count === null ? all.length >= COUNT : all.length === count, `${all.length} rows`)
      for (const limit of [1, 2, all.length - 1, all.length]) {
        const seen: object[] = []
        let after: Listed['next'] = null
        let pages = 0
        do {
          const page: Listed = await list({ limit, ...(after && { after: after as never }) })
          assert.ok(page.rows.length === limit || page.next === null, 'only the last page is shorter')
          seen.push(...page.rows)
          after = page.next
          pages += 1
        } while (after && pages <= all.length)
        assert.deepEqual(seen, all)
        assert.equal(pages, Math.ceil(all.length / limit))
      }
    })

    it(`end after the last row: ${name}`, async () => {
      const { rows: all } = await list({ limit: 1000 })
      const { next } = await list({ limit: all.length - 1 })
      assert.ok(next)
      const last = await list({ limit: 1, after: next as never })
      assert.deepEqual([last.rows, last.next], [[all.at(-1)], null])
    })
  }
})
