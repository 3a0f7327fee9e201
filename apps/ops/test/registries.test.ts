import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { registryPasswords } from '@daytona-auth/accounts/registry-passwords'
import { DEPLOYMENT, listAuditEvents, verifyAuditChain } from '@daytona-auth/db/audit'
import type { RegistryId } from '@daytona-auth/db/core'
import { peopleOf, testDatabase } from '@daytona-auth/testing'
import { daytonaAuth } from './command.ts'

const OLD = 'a1b2c3d4e5f60718293a4b5c6d7e8f90'
const NEW = '90f8e7d6c5b4a3928170f6e5d4c3b2a1'
const COUNT = 120

const { url, database } = await testDatabase({ after })
const sql = database.$client
const people = peopleOf(database)
const organizationId = await people.organization(await people.user())
const ids = Array.from({ length: COUNT }, (_, index) => `registry-${index}` as RegistryId)
const passwordOf = (id: RegistryId) => `the password of ${id}`
const oldOnly = registryPasswords([OLD])
const newOnly = registryPasswords([NEW])

/** Writes the passwords as an API with only the old secret does. */
async function fill() {
  await sql`DELETE FROM registries`
  for (const id of ids) {
    await sql`INSERT INTO registries (id, organization_id, name, url, username, project, sealed_password)
      VALUES (${id}, ${organizationId}, ${id}, 'https://registry.example.com', 'u', 'p', ${await oldOnly.seal(passwordOf(id), id)})`
  }
}

const sealed = () => sql<{ id: RegistryId; password: string }[]>`
  SELECT id, sealed_password AS password FROM registries ORDER BY id`
const reencrypt = (secrets: string) =>
  daytonaAuth(['registries', 'reencrypt', '-f', 'json'], { env: { DATABASE_URL: url, RESOURCE_SECRETS_KEY: secrets } })

describe('daytona-auth registries reencrypt', () => {
  it('fails without a secret, and changes nothing that the secrets do not decrypt', async () => {
    await fill()
    const before = await sealed()
    const without = await reencrypt('')
    assert.deepEqual([without.exitCode, without.stdout], [2, ''])
    assert.match(without.stderr, /RESOURCE_SECRETS_KEY is required/)
    const foreign = await reencrypt(NEW)
    assert.equal(foreign.exitCode, 2)
    assert.match(foreign.stderr, /^the password of registry registry-0 cannot be opened: add the secret/)
    assert.ok(!foreign.stderr.includes(NEW))
    assert.deepEqual(await sealed(), before)
  })

  it('encrypts every password under the first secret, records it, and repeats without effect', async () => {
    await fill()
    const first = await reencrypt(`${NEW},${OLD}`)
    assert.deepEqual([first.exitCode, JSON.parse(first.stdout)], [0, { reencrypted: COUNT }])
    for (const { id, password } of await sealed()) {
      assert.equal((await newOnly.open(password, id))?.password, passwordOf(id))
      assert.equal(await oldOnly.open(password, id), undefined)
    }
    const { rows } = await listAuditEvents(database, DEPLOYMENT, {}, { limit: 200 })
    const events = rows.filter(({ action }) => action === 'registry.reencrypt')
    assert.deepEqual(events.map(({ targetId }) => targetId).sort(), [...ids].sort())
    assert.deepEqual(events[0]?.metadata, { organizationId })
    assert.equal((await verifyAuditChain(database, DEPLOYMENT)).brokenAt, null)
    assert.deepEqual(JSON.parse((await reencrypt(`${NEW},${OLD}`)).stdout), { reencrypted: 0 })
  })

  it('loses no password that is changed at the same time', async () => {
    await fill()
    const changed = new Map<RegistryId, string>()
    let isDone = false
    // An API that has not been restarted yet, under constant changes.
    const changes = (async () => {
      while (!isDone) {
        const id = ids[Math.floor(Math.random() * COUNT)] as RegistryId
        const password = `changed ${changed.size} of ${id}`
        await sql`UPDATE registries SET sealed_password = ${await oldOnly.seal(password, id)} WHERE id = ${id}`
        changed.set(id, password)
      }
    })()
    const { exitCode } = await reencrypt(`${NEW},${OLD}`)
    isDone = true
    await changes
    assert.equal(exitCode, 0)
    assert.ok(changed.size > 0)
    // What it wrote after its row had been re-encrypted is still under the old secret: the command is repeated.
    assert.equal((await reencrypt(`${NEW},${OLD}`)).exitCode, 0)
    for (const { id, password } of await sealed()) {
      assert.equal((await newOnly.open(password, id))?.password, changed.get(id) ?? passwordOf(id))
    }
  })
})
