import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { rowsOf } from './rows.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)

const refused = (error: unknown) => {
  assert.equal((error as { code?: string }).code, 'DA005')
  return true
}

async function ownedByTwo() {
  const [ada, bob] = [await rows.user(), await rows.user()]
  const organization = await rows.organization(ada)
  await sql`INSERT INTO organization_members (organization_id, user_id, role) VALUES (${organization}, ${bob}, 'owner')`
  return { organization, ada, bob }
}
const ownersOf = async (organization: string) =>
  (await sql`SELECT user_id FROM organization_members WHERE organization_id = ${organization} AND role = 'owner'`)
    .length

describe('an organization keeps an owner, for every writer', () => {
  it('refuses to demote, remove or move the last one', async () => {
    const ada = await rows.user()
    const organization = await rows.organization(ada)
    const other = await rows.organization(await rows.user())
    for (const change of [
      sql`UPDATE organization_members SET role = 'member' WHERE organization_id = ${organization}`,
      sql`UPDATE organization_members SET organization_id = ${other} WHERE organization_id = ${organization}`,
      sql`DELETE FROM organization_members WHERE organization_id = ${organization}`,
    ]) {
      await assert.rejects(change.execute(), refused)
    }
    assert.equal(await ownersOf(organization), 1)
  })

  it('refuses to demote all of them in one statement', async () => {
    const { organization } = await ownedByTwo()
    await assert.rejects(
      sql`UPDATE organization_members SET role = 'member' WHERE organization_id = ${organization}`.execute(),
      refused,
    )
    assert.equal(await ownersOf(organization), 2)
  })

  it('removes the first of two owners who leave at once, and refuses the second', async () => {
    const { organization, ada, bob } = await ownedByTwo()
    const removed = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const first = sql.begin(async (tx) => {
      await tx`DELETE FROM organization_members WHERE organization_id = ${organization} AND user_id = ${ada}`
      removed.resolve()
      await goOn.promise
    })
    await removed.promise
    const second = sql`
      UPDATE organization_members SET role = 'member' WHERE organization_id = ${organization} AND user_id = ${bob}`
    const outcome = assert.rejects(second.execute(), refused)
    goOn.resolve()
    await Promise.all([first, outcome])
    assert.equal(await ownersOf(organization), 1)
  })

  it('removes one of two owners, and an organization with its owners', async () => {
    const { organization, ada } = await ownedByTwo()
    await sql`DELETE FROM organization_members WHERE organization_id = ${organization} AND user_id = ${ada}`
    await sql`DELETE FROM organizations WHERE id = ${organization}`
    assert.equal(await ownersOf(organization), 0)
  })
})
