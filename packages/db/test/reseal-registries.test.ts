import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { peopleOf, testDatabase } from '@daytona-auth/testing'
import { DEPLOYMENT, listAuditEvents } from '../src/audit/index.ts'
import { resealRegistries } from '../src/resources/index.ts'

/** More than one step locks. */
const COUNT = 101

describe('encrypting registry passwords again', () => {
  it('visits each registry once, in several steps, and records what it replaced', async (t) => {
    const { database } = await testDatabase(t)
    const sql = database.$client
    const people = peopleOf(database)
    const organizationId = await people.organization(await people.user())
    await sql`INSERT INTO registries (id, organization_id, name, url, username, sealed_password)
      SELECT 'r' || n, ${organizationId}, 'r' || n, 'https://r.example.com', 'u', 'old ' || n FROM generate_series(1, ${COUNT}::int) n`
    const visited: string[] = []
    const count = await resealRegistries(
      database,
      async ({ id, sealedPassword }: { id: string; sealedPassword: string }) => {
        visited.push(id)
        return id === 'r7' ? undefined : sealedPassword.replace('old', 'new')
      },
      'test',
    )
    assert.equal(count, COUNT - 1)
    assert.equal(visited.length, COUNT)
    assert.equal(new Set(visited).size, COUNT)
    const old = await sql<{ id: string }[]>`SELECT id FROM registries WHERE sealed_password NOT LIKE 'new %'`
    assert.deepEqual([...old], [{ id: 'r7' }])
    const { rows } = await listAuditEvents(database, DEPLOYMENT, {}, { limit: 200 })
    assert.equal(rows.filter(({ action }) => action === 'registry.reencrypt').length, COUNT - 1)
  })

  it('keeps earlier steps and changes nothing of one that fails', async (t) => {
    const { database } = await testDatabase(t)
    const sql = database.$client
    const people = peopleOf(database)
    const organizationId = await people.organization(await people.user())
    await sql`INSERT INTO registries (id, organization_id, name, url, username, sealed_password)
      SELECT 'r' || n, ${organizationId}, 'r' || n, 'https://r.example.com', 'u', 'old' FROM generate_series(100, 199) n`
    const failing = resealRegistries(
      database,
      async ({ id }: { id: string }) => {
        if (id === 'r170') throw new Error('no secret opens it')
        return 'new'
      },
      'test',
    )
    await assert.rejects(failing, /no secret opens it/)
    const [{ count } = { count: 0 }] = await sql<{ count: number }[]>`
      SELECT count(*)::int AS count FROM registries WHERE sealed_password = 'new'`
    assert.equal(count, 50)
  })
})
