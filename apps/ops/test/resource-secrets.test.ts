import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { registryPasswords } from '@daytona-auth/accounts/registry-passwords'
import { upstreamClientSecrets } from '@daytona-auth/accounts/upstream-client-secrets'
import { DEPLOYMENT, listAuditEvents, verifyAuditChain } from '@daytona-auth/db/audit'
import type { OrganizationId, RegistryId } from '@daytona-auth/db/core'
import { peopleOf, testDatabase, waitFor } from '@daytona-auth/testing'
import { daytonaAuth } from './command.ts'

const OLD = 'a1b2c3d4e5f60718293a4b5c6d7e8f90'
const NEW = '90f8e7d6c5b4a3928170f6e5d4c3b2a1'
const COUNT = 120

const { url, database } = await testDatabase({ after })
const sql = database.$client
const people = peopleOf(database)
const owner = await people.user()
const organizationId = await people.organization(owner)
const otherOrganizationId = await people.organization(owner)
const organizationIds = [organizationId, otherOrganizationId].sort()
const ids = Array.from({ length: COUNT }, (_, index) => `registry-${index}` as RegistryId)
const passwordOf = (id: RegistryId) => `the password of ${id}`
const clientSecretOf = (id: OrganizationId) => `the client secret of ${id}`
const oldOnly = { passwords: registryPasswords([OLD]), clientSecrets: upstreamClientSecrets([OLD]) }
const newOnly = { passwords: registryPasswords([NEW]), clientSecrets: upstreamClientSecrets([NEW]) }

/** Writes the secrets as an API with only the old key does. */
async function fill() {
  await sql`DELETE FROM registries`
  await sql`DELETE FROM identity_providers`
  for (const id of ids) {
    await sql`INSERT INTO registries (id, organization_id, name, url, username, project, sealed_password)
      VALUES (${id}, ${organizationId}, ${id}, 'https://registry.example.com', 'u', 'p', ${await oldOnly.passwords.seal(passwordOf(id), id)})`
  }
  for (const id of organizationIds) {
    await sql`INSERT INTO identity_providers (organization_id, name, issuer, client_id, scopes, sealed_client_secret)
      VALUES (${id}, 'Example', 'https://idp.example.com', 'us', '{openid}', ${await oldOnly.clientSecrets.seal(clientSecretOf(id), id)})`
  }
}

const sealedPasswords = () => sql<{ id: RegistryId; sealed: string }[]>`
  SELECT id, sealed_password AS sealed FROM registries ORDER BY id`
const sealedClientSecrets = () => sql<{ id: OrganizationId; sealed: string }[]>`
  SELECT organization_id AS id, sealed_client_secret AS sealed FROM identity_providers ORDER BY organization_id`
const run = (command: string, secrets: string) =>
  daytonaAuth([command, 'reencrypt', '-f', 'json'], { env: { DATABASE_URL: url, RESOURCE_SECRETS_KEY: secrets } })
const reencrypt = (secrets: string) => run('resource-secrets', secrets)

describe('daytona-auth resource-secrets reencrypt', () => {
  it('fails without a secret, and changes nothing that the secrets do not decrypt', async () => {
    await fill()
    const before = [await sealedPasswords(), await sealedClientSecrets()]
    const without = await reencrypt('')
    assert.deepEqual([without.exitCode, without.stdout], [2, ''])
    assert.match(without.stderr, /RESOURCE_SECRETS_KEY is required/)
    const foreign = await reencrypt(NEW)
    assert.equal(foreign.exitCode, 2)
    assert.match(foreign.stderr, /^the password of registry registry-0 cannot be opened: add the secret/)
    assert.ok(!foreign.stderr.includes(NEW))
    assert.deepEqual([await sealedPasswords(), await sealedClientSecrets()], before)
  })

  it('fails for a client secret that no secret decrypts, and for one of another organization', async () => {
    await fill()
    await sql`DELETE FROM registries`
    const before = await sealedClientSecrets()
    const foreign = await reencrypt(NEW)
    assert.deepEqual([foreign.exitCode, foreign.stdout], [2, ''])
    const unopened = `the client secret of the identity provider of organization ${organizationIds[0]} cannot be opened: `
    assert.ok(foreign.stderr.startsWith(unopened), foreign.stderr)
    assert.ok(!foreign.stderr.includes(NEW))
    assert.deepEqual(await sealedClientSecrets(), before)

    await sql`UPDATE identity_providers SET sealed_client_secret = ${before[1]?.sealed ?? ''}`
    const moved = await reencrypt(`${NEW},${OLD}`)
    assert.equal(moved.exitCode, 2)
    assert.ok(moved.stderr.startsWith(unopened), moved.stderr)
  })

  it('encrypts every secret under the first one, records it, and repeats without effect', async () => {
    await fill()
    const first = await reencrypt(`${NEW},${OLD}`)
    const all = { reencrypted: COUNT + 2, registries: COUNT, identityProviders: 2 }
    assert.deepEqual([first.exitCode, JSON.parse(first.stdout)], [0, all])
    for (const { id, sealed } of await sealedPasswords()) {
      assert.equal((await newOnly.passwords.open(sealed, id))?.password, passwordOf(id))
      assert.equal(await oldOnly.passwords.open(sealed, id), undefined)
    }
    const clientSecrets = await sealedClientSecrets()
    assert.equal(clientSecrets.length, 2)
    for (const { id, sealed } of clientSecrets) {
      assert.equal((await newOnly.clientSecrets.open(sealed, id))?.secret, clientSecretOf(id))
      assert.equal(await oldOnly.clientSecrets.open(sealed, id), undefined)
    }
    const { rows } = await listAuditEvents(database, DEPLOYMENT, {}, { limit: 200 })
    const eventsOf = (name: string) => rows.filter(({ action }) => action === name)
    const registries = eventsOf('registry.reencrypt')
    assert.deepEqual(registries.map(({ targetId }) => targetId).sort(), [...ids].sort())
    assert.deepEqual(registries[0]?.metadata, { organizationId })
    const providers = eventsOf('identity_provider.reencrypt')
    assert.deepEqual(providers.map(({ targetId }) => targetId).sort(), organizationIds)
    for (const { targetId, metadata } of providers) assert.deepEqual(metadata, { organizationId: targetId })
    assert.equal((await verifyAuditChain(database, DEPLOYMENT)).brokenAt, null)
    const none = { reencrypted: 0, registries: 0, identityProviders: 0 }
    // Under the command's other name.
    assert.deepEqual(JSON.parse((await run('registries', `${NEW},${OLD}`)).stdout), none)
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
        await sql`UPDATE registries SET sealed_password = ${await oldOnly.passwords.seal(password, id)} WHERE id = ${id}`
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
    for (const { id, sealed } of await sealedPasswords()) {
      assert.equal((await newOnly.passwords.open(sealed, id))?.password, changed.get(id) ?? passwordOf(id))
    }
  })

  it('loses no client secret that is changed at the same time', async () => {
    await fill()
    await sql`DELETE FROM registries`
    const changed = await oldOnly.clientSecrets.seal('changed', organizationId)
    let running: ReturnType<typeof reencrypt> | undefined
    await sql.begin(async (transaction) => {
      await transaction`UPDATE identity_providers SET sealed_client_secret = ${changed} WHERE organization_id = ${organizationId}`
      running = reencrypt(`${NEW},${OLD}`)
      await waitFor(async () => {
        const waiting =
          await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
        return waiting.length > 0
      })
    })
    assert.equal((await running)?.exitCode, 0)
    for (const { id, sealed } of await sealedClientSecrets()) {
      const secret = id === organizationId ? 'changed' : clientSecretOf(id)
      assert.equal((await newOnly.clientSecrets.open(sealed, id))?.secret, secret)
    }
  })
})
