import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { type Channel, type ChannelEvent, openChannel, waitUntilFresh } from '../src/core/channel.ts'
import type { ApiKeyId, OrganizationId, UserId } from '../src/core/id.ts'
import { rowsOf } from './rows.ts'

const { database, url } = await testDatabase({ after })
const rows = rowsOf(database)

describe('the notifications of the database', () => {
  let channel: Channel
  let user: UserId
  let home: OrganizationId
  let other: OrganizationId
  let key: ApiKeyId
  let grant: string
  const received: ChannelEvent[] = []

  before(async () => {
    user = await rows.user()
    home = await rows.organization(user)
    other = await rows.organization(user)
    key = await rows.key(user, home)
    grant = await rows.grant(user)
    const { $client: sql } = database
    // Another owner, so that the user can be removed.
    const founder = await rows.user()
    await sql`INSERT INTO organization_members (organization_id, user_id, role)
      VALUES (${home}, ${founder}, 'owner'), (${other}, ${founder}, 'owner')`
    await sql`INSERT INTO api_key_secrets (digest, key_id, hint) VALUES ('one', ${key}, 'dta_…')`
    await sql`INSERT INTO roles (id, organization_id, name, permissions) VALUES ('role_own', ${home}, 'Own', '{}')`
    await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes) VALUES ('app_one', 'One', 'web', '{}', '{}')`
    channel = openChannel({ url })
    channel.subscribe((event) => received.push(event))
    await waitUntilFresh(channel)
  })
  after(() => channel.close())

  /** Runs a statement and returns its events: all that arrive before a mark that is sent after it. */
  async function eventsOf(statement: string): Promise<ChannelEvent[]> {
    const mark = `mark_${Math.random()}`
    received.length = 0
    await database.$client.unsafe(statement)
    const marked = Promise.withResolvers<void>()
    const stop = channel.subscribe((event) => event.kind === 'grant' && event.id === mark && marked.resolve())
    await database.$client.notify('daytona_auth', `grant:${mark}`)
    await marked.promise
    stop()
    return received.slice(0, -1)
  }

  const deciding: Record<string, [() => string, () => ChannelEvent[]]> = {
    'a key revoked': [
      () => `UPDATE api_keys SET status = 'revoked' WHERE id = '${key}'`,
      () => [{ kind: 'key', id: key }],
    ],
    'a key with other permissions': [
      () => `UPDATE api_keys SET permissions = '{}' WHERE id = '${key}'`,
      () => [{ kind: 'key', id: key }],
    ],
    'a secret that ends': [
      () => `UPDATE api_key_secrets SET expires_at = now() WHERE key_id = '${key}'`,
      () => [{ kind: 'key', id: key }],
    ],
    'a secret added': [
      () => `INSERT INTO api_key_secrets (digest, key_id, hint) VALUES ('two', '${key}', 'dta_…')`,
      () => [{ kind: 'key', id: key }],
    ],
    'an organization added to a key': [
      () =>
        `INSERT INTO api_key_organizations (key_id, organization_id, user_id, name) VALUES ('${key}', '${other}', '', '')`,
      () => [{ kind: 'key', id: key }],
    ],
    'an organization removed from a key': [
      () => `DELETE FROM api_key_organizations WHERE key_id = '${key}' AND organization_id = '${other}'`,
      () => [{ kind: 'key', id: key }],
    ],
    'a member with another role': [
      () => `UPDATE organization_members SET role = 'member' WHERE organization_id = '${home}' AND user_id = '${user}'`,
      () => [{ kind: 'user', id: user }],
    ],
    'a role assigned': [
      () => `INSERT INTO member_roles VALUES ('${home}', '${user}', 'role_own')`,
      () => [{ kind: 'user', id: user }],
    ],
    'a role of an organization changed': [
      () => `UPDATE roles SET permissions = '{read:volumes}' WHERE id = 'role_own'`,
      () => [{ kind: 'organization', id: home }],
    ],
    'a built-in role changed': [
      () => `UPDATE roles SET permissions = '{read:volumes}' WHERE name = 'Viewer' AND organization_id IS NULL`,
      () => [{ kind: 'reset', reason: 'all:roles' }],
    ],
    'a role unassigned': [
      () => `DELETE FROM member_roles WHERE user_id = '${user}'`,
      () => [{ kind: 'user', id: user }],
    ],
    'a member removed': [
      () => `DELETE FROM organization_members WHERE organization_id = '${other}' AND user_id = '${user}'`,
      () => [{ kind: 'user', id: user }],
    ],
    'an organization suspended': [
      () => `UPDATE organizations SET suspended_at = now() WHERE id = '${home}'`,
      () => [{ kind: 'organization', id: home }],
    ],
    'a second factor required': [
      () => `UPDATE organizations SET require_second_factor = true WHERE id = '${home}'`,
      () => [{ kind: 'organization', id: home }],
    ],
    'a user disabled': [
      () => `UPDATE users SET disabled_at = now() WHERE id = '${user}'`,
      () => [{ kind: 'user', id: user }],
    ],
    'a grant revoked': [
      () => `UPDATE grants SET revoked_at = now() WHERE id = '${grant}'`,
      () => [{ kind: 'grant', id: grant }],
    ],
    'a client changed': [
      () => `UPDATE oidc_clients SET name = 'Two' WHERE id = 'app_one'`,
      () => [{ kind: 'client', id: 'app_one' }],
    ],
    'a secret of a client added': [
      () => `INSERT INTO oidc_client_secrets (id, client_id, name, digest) VALUES ('sec_one', 'app_one', '', 'one')`,
      () => [{ kind: 'client', id: 'app_one' }],
    ],
    'a secret of a client that expires': [
      () => `UPDATE oidc_client_secrets SET expires_at = now() WHERE id = 'sec_one'`,
      () => [{ kind: 'client', id: 'app_one' }],
    ],
    'a secret of a client deleted': [
      () => `DELETE FROM oidc_client_secrets WHERE id = 'sec_one'`,
      () => [{ kind: 'client', id: 'app_one' }],
    ],
    'a client deleted': [
      () => `DELETE FROM oidc_clients WHERE id = 'app_one'`,
      () => [{ kind: 'client', id: 'app_one' }],
    ],
    'a signing key added': [
      () =>
        `INSERT INTO signing_keys (kid, alg, status, public_jwk, private_jwk) VALUES ('kid', 'ES256', 'active', '{}', '')`,
      () => [{ kind: 'signing-keys', id: 'kid' }],
    ],
    'a table emptied': [() => 'TRUNCATE api_key_secrets', () => [{ kind: 'reset', reason: 'all:api_key_secrets' }]],
  }
  for (const [what, [statement, events]] of Object.entries(deciding)) {
    it(`are sent for ${what}`, async () => {
      assert.deepEqual(await eventsOf(statement()), events())
    })
  }

  it('are not sent for changes that no cached answer depends on', async () => {
    const silent = [
      `UPDATE api_key_secrets SET last_used_at = now(), last_used_ip = '127.0.0.1' WHERE key_id = '${key}'`,
      `UPDATE oidc_client_secrets SET last_used_at = now()`,
      `UPDATE organizations SET name = 'Other' WHERE id = '${home}'`,
      `INSERT INTO api_key_usage (key_id, organization_id, hour, allowed) VALUES ('${key}', '${home}', now(), 1)`,
    ]
    for (const statement of silent) assert.deepEqual(await eventsOf(statement), [], statement)
  })

  it('are not sent for changes that were rolled back', async () => {
    const events = await eventsOf(
      `DO $$ BEGIN UPDATE api_keys SET permissions = '{}'; RAISE EXCEPTION ''; EXCEPTION WHEN OTHERS THEN END $$`,
    )
    assert.deepEqual(events, [])
  })
})
