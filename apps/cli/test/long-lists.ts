import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { createHomeWithSession, database, expectSuccess, type Home, user } from './fixtures.ts'

/** More than the server returns in one page of a list, which is 1,000. */
const KEYS = 1100
const NAMES = Array.from({ length: KEYS }, (_, index) => `key-${index + 1}`).sort()

describe('a list of more than one page', () => {
  let home: Home
  let organization: string
  before(async () => {
    home = await createHomeWithSession()
    organization = (await expectSuccess(home.daytona(['organization', 'create', 'Many keys', '-q']))).trim()
    await insertKeys(organization)
  })

  const list = (...options: string[]) =>
    expectSuccess(home.daytona(['api-key', 'list', '--organization', organization, ...options]))

  it(`is printed whole as a table (${KEYS} keys)`, async () => {
    const [title = '', ...rows] = (await list('--format', 'table')).trimEnd().split('\n')
    assert.match(title, /^NAME +VALUE +/)
    assert.deepEqual(rows.map((row) => row.split(' ', 1).join()).sort(), NAMES)
  })

  it(`is printed whole as JSON (${KEYS} keys)`, async () => {
    const keys = JSON.parse(await list('--format', 'json')) as { name: string }[]
    assert.deepEqual(keys.map(({ name }) => name).sort(), NAMES)
  })

  it(`is printed whole by name only (${KEYS} keys)`, async () => {
    assert.deepEqual((await list('--quiet')).trimEnd().split('\n').sort(), NAMES)
  })

  it('is deleted with its organization', async () => {
    await expectSuccess(home.daytona(['organization', 'delete', organization, '--yes']))
  })
})

const insertKeys = (organization: string) =>
  database.$client.begin(async (sql) => {
    // Without triggers: they limit the number of keys and send a notification for each row.
    await sql`SET LOCAL session_replication_role = replica`
    await sql`INSERT INTO api_keys (id, organization_id, user_id, name, permissions)
      SELECT 'key_' || lpad(n::text, 26, '0'), ${organization}, ${user.id}, 'key-' || n, '{read:volumes}'
      FROM generate_series(1, ${KEYS}::int) n`
    await sql`INSERT INTO api_key_organizations (key_id, organization_id, user_id, name)
      SELECT id, organization_id, user_id, name FROM api_keys WHERE organization_id = ${organization}`
    await sql`INSERT INTO api_key_secrets (digest, key_id, hint)
      SELECT sha256(convert_to(id, 'UTF8')), id, 'dta_abcd…wxyz' FROM api_keys WHERE organization_id = ${organization}`
  })
