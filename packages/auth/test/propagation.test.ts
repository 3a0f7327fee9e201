import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { ApiKeyId, GrantId, OrganizationId, UserId } from '@daytona-auth/db/core'
import type { Permission } from '@daytona-auth/protocol/scopes'
import { waitFor } from '@daytona-auth/testing'
import { namesOf } from '../src/principal/permission.ts'
import { isDenied } from '../src/principal/result.ts'
import type { Change } from '../src/verification/cache.ts'
import { ADDRESS, claimsOf, sign, type TestVerifier, verifierOn, world } from './world.ts'

/** Two processes on one database. */
const here = await world({ after })
const signer = await here.signer()
await here.publish(signer)
const [one, two] = [await verifierOn({ after }, here.url), await verifierOn({ after }, here.url)]
const both = [one, two]

async function state({ verifier }: TestVerifier, credential: string): Promise<string> {
  const answer = await verifier.verify(credential, ADDRESS)
  if (isDenied(answer)) return answer.reason
  return [...answer.access.values()].map(({ permissions }) => namesOf(permissions).join('+') || 'nothing').join(' ')
}

/** Loads `credential` into both caches: answered synchronously, as `expected`. */
async function warm(credential: string, expected: string): Promise<void> {
  await Promise.all(both.map((process) => process.caughtUp()))
  for (const process of both) {
    assert.equal(await state(process, credential), expected)
    assert.ok(!(process.verifier.verify(credential, ADDRESS) instanceof Promise), 'not cached')
  }
}

const becomes = async (credential: string, expected: string): Promise<void> => {
  for (const process of both) await waitFor(async () => (await state(process, credential)) === expected)
}

const domainOf = (clientId: string) => `${clientId.replace('_', '')}.example`

/** Makes an app that of an organization which has proved that it owns the host of its redirect URI. */
async function ownedBy(clientId: string): Promise<void> {
  const organization = await here.organization(await here.user())
  const domain = domainOf(clientId)
  await here.sql`INSERT INTO organization_domains (id, organization_id, domain, token, verified_at)
    VALUES (${`dom_${clientId}`}, ${organization}, ${domain}, 'token', now())`
  await here.sql`UPDATE oidc_clients SET organization_id = ${organization}, redirect_uris = ${[`https://app.${domain}/cb`]}
    WHERE id = ${clientId}`
}

interface Scene {
  readonly owner: UserId
  readonly home: OrganizationId
  readonly member: UserId
  readonly roleId: string
  readonly keyId: ApiKeyId
  readonly grantId: string
  readonly clientId: string
  readonly parentId: ApiKeyId
}

/** A change in SQL; the affected credential; its answer before and after. */
const CHANGES: Record<string, [(scene: Scene) => Promise<unknown>, 'key' | 'token', string]> = {
  'a key is revoked': [
    ({ keyId }) => here.sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${keyId}`,
    'key',
    'revoked',
  ],
  'a key is deleted': [({ keyId }) => here.sql`DELETE FROM api_keys WHERE id = ${keyId}`, 'key', 'unknown'],
  'a key’s secret is taken away': [
    ({ keyId }) => here.sql`DELETE FROM api_key_secrets WHERE key_id = ${keyId}`,
    'key',
    'unknown',
  ],
  'a key is rotated without grace': [
    ({ keyId }) => here.sql`UPDATE api_key_secrets SET expires_at = now() WHERE key_id = ${keyId}`,
    'key',
    'expired',
  ],
  'a key is made to expire': [
    ({ keyId }) => here.sql`UPDATE api_keys SET expires_at = now() WHERE id = ${keyId}`,
    'key',
    'expired',
  ],
  'a key’s permissions are taken away': [
    ({ keyId }) => here.sql`UPDATE api_keys SET permissions = '{}' WHERE id = ${keyId}`,
    'key',
    'nothing',
  ],
  'a key’s organization is taken away': [
    ({ keyId }) => here.sql`DELETE FROM api_key_organizations WHERE key_id = ${keyId}`,
    'key',
    '',
  ],
  'the key that made it is revoked': [
    ({ parentId }) => here.sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${parentId}`,
    'key',
    'revoked',
  ],
  'its owner is removed': [
    ({ member }) => here.sql`DELETE FROM organization_members WHERE user_id = ${member}`,
    'key',
    'revoked', // by trigger: it lived in that organization
  ],
  'its owner is disabled': [
    ({ member }) => here.sql`UPDATE users SET disabled_at = now() WHERE id = ${member}`,
    'key',
    'user-disabled',
  ],
  'its owner’s role is taken away': [
    ({ member }) => here.sql`DELETE FROM member_roles WHERE user_id = ${member}`,
    'key',
    'nothing',
  ],
  'its owner’s role is narrowed': [
    ({ roleId }) => here.sql`UPDATE roles SET permissions = '{read:volumes}' WHERE id = ${roleId}`,
    'key',
    'nothing',
  ],
  'its owner’s role is deleted': [({ roleId }) => here.sql`DELETE FROM roles WHERE id = ${roleId}`, 'key', 'nothing'],
  'its owner becomes an owner': [
    ({ member }) => here.sql`UPDATE organization_members SET role = 'owner' WHERE user_id = ${member}`,
    'key',
    'read:sandboxes+write:sandboxes',
  ],
  'its organization is deleted': [
    ({ home }) => here.sql`DELETE FROM organizations WHERE id = ${home}`,
    'key',
    'unknown',
  ],
  'a grant is revoked': [
    ({ grantId }) => here.sql`UPDATE grants SET revoked_at = now() WHERE id = ${grantId}`,
    'token',
    'grant-revoked',
  ],
  'a grant is deleted': [({ grantId }) => here.sql`DELETE FROM grants WHERE id = ${grantId}`, 'token', 'unknown'],
  'a grant’s scopes are narrowed': [
    ({ grantId }) => here.sql`UPDATE grants SET scopes = '{openid}' WHERE id = ${grantId}`,
    'token',
    'nothing',
  ],
  'a grant’s organizations are narrowed': [
    ({ grantId }) => here.sql`UPDATE grants SET organization_ids = '{}' WHERE id = ${grantId}`,
    'token',
    '',
  ],
  'its organization requires a second factor': [
    ({ home }) => here.sql`UPDATE organizations SET require_second_factor = true WHERE id = ${home}`,
    'token',
    'nothing',
  ],
  'its organization blocks the app': [
    ({ home, clientId }) =>
      here.sql`INSERT INTO app_decisions (organization_id, client_id, decision) VALUES (${home}, ${clientId}, 'blocked')`,
    'token',
    '',
  ],
  'its organization requires an approval of apps': [
    ({ home }) => here.sql`UPDATE organizations SET app_access = 'by_approval' WHERE id = ${home}`,
    'token',
    '',
  ],
  'its client is deleted': [
    ({ clientId }) => here.sql`DELETE FROM oidc_clients WHERE id = ${clientId}`,
    'token',
    'unknown',
  ],
  'its user is disabled': [
    ({ member }) => here.sql`UPDATE users SET disabled_at = now() WHERE id = ${member}`,
    'token',
    'user-disabled',
  ],
  'its user is removed': [
    ({ member }) => here.sql`DELETE FROM organization_members WHERE user_id = ${member}`,
    'token',
    '',
  ],
  'its user’s role is narrowed': [
    ({ roleId }) => here.sql`UPDATE roles SET permissions = '{read:volumes}' WHERE id = ${roleId}`,
    'token',
    'nothing',
  ],
}

async function scene(): Promise<Scene & { key: string; token: string }> {
  const owner = await here.user()
  const home = await here.organization(owner)
  const member = await here.user()
  const roleId = await here.role(home, ['read:sandboxes'])
  await here.member(home, member, 'member', [roleId])
  const permissions: Permission[] = ['read:sandboxes', 'write:sandboxes']
  const parent = await here.key(member, home, { permissions })
  const { key, id: keyId } = await here.key(member, home, { permissions, parentKey: parent.id })
  const clientId = await here.client()
  const grantId = await here.grant(member, clientId, { scopes: permissions, organizationIds: [home] })
  const token = await sign(signer, claimsOf({ userId: member, clientId, grantId }, { scope: permissions.join(' ') }))
  return { owner, home, member, roleId, keyId, grantId, clientId, parentId: parent.id, key, token }
}

describe('two processes on one database', () => {
  for (const [what, [change, kind, expected]] of Object.entries(CHANGES)) {
    it(`both apply it when ${what}`, async () => {
      const { key, token, ...rest } = await scene()
      const credential = kind === 'key' ? key : token
      await warm(credential, 'read:sandboxes')
      await change(rest)
      await becomes(credential, expected)
    })
  }

  it('both apply each decision about the app of a token and of the key that was made with it', async () => {
    const { home, member, grantId, clientId, token } = await scene()
    const child = await here.key(member, home, { parentGrant: grantId as GrantId })
    const decide = (decision: string) => here.sql`
      INSERT INTO app_decisions (organization_id, client_id, decision) VALUES (${home}, ${clientId}, ${decision})
      ON CONFLICT (organization_id, client_id) DO UPDATE SET decision = excluded.decision`
    for (const [change, expected] of [
      [() => decide('blocked'), ''],
      [() => here.sql`DELETE FROM app_decisions WHERE organization_id = ${home}`, 'read:sandboxes'],
      [() => here.sql`UPDATE organizations SET app_access = 'verified_domains' WHERE id = ${home}`, ''],
      [() => decide('approved'), 'read:sandboxes'],
      [() => here.sql`DELETE FROM app_decisions WHERE organization_id = ${home}`, ''],
      [() => ownedBy(clientId), 'read:sandboxes'],
      [() => here.sql`UPDATE organization_domains SET verified_at = NULL WHERE domain = ${domainOf(clientId)}`, ''],
      [
        () => here.sql`UPDATE organization_domains SET verified_at = now() WHERE domain = ${domainOf(clientId)}`,
        'read:sandboxes',
      ],
      [() => here.sql`UPDATE oidc_clients SET redirect_uris = '{http://localhost/cb}' WHERE id = ${clientId}`, ''],
      [() => here.sql`UPDATE oidc_clients SET first_party = true WHERE id = ${clientId}`, 'read:sandboxes'],
    ] as const) {
      await change()
      for (const credential of [token, child.key]) {
        await becomes(credential, expected)
        await warm(credential, expected)
      }
    }
  })

  it('both apply it when a signing key is removed', async () => {
    const compromised = await here.signer()
    await here.publish(compromised)
    const { member: userId, clientId, grantId } = await scene()
    await Promise.all(both.map((process) => process.caughtUp()))
    const token = await sign(compromised, claimsOf({ userId, clientId, grantId }, { scope: 'read:sandboxes' }))
    await becomes(token, 'read:sandboxes')
    await warm(token, 'read:sandboxes')
    await here.sql`DELETE FROM signing_keys WHERE kid = ${compromised.kid}`
    for (const process of both) await waitFor(async () => (await state(process, token)).startsWith('unknown'))
  })

  it('neither is notified of a change that is rolled back', async () => {
    const { key, keyId } = await scene()
    await warm(key, 'read:sandboxes')
    await assert.rejects(
      here.sql.begin(async (tx) => {
        await tx`UPDATE api_keys SET status = 'revoked' WHERE id = ${keyId}`
        throw new Error('changed my mind')
      }),
      /changed my mind/,
    )
    await warm(key, 'read:sandboxes')
  })

  it('neither evicts anything for a change of last use', async () => {
    const { key, keyId } = await scene()
    await warm(key, 'read:sandboxes')
    await here.sql`UPDATE api_key_secrets SET last_used_at = now(), last_used_ip = '192.0.2.1' WHERE key_id = ${keyId}`
    await Promise.all(both.map((process) => process.caughtUp()))
    for (const { verifier } of both) assert.ok(!(verifier.verify(key, ADDRESS) instanceof Promise))
  })

  it('the one that responds to a revocation applies it at once, without the channel', async () => {
    const { key, keyId } = await scene()
    await warm(key, 'read:sandboxes')
    await here.sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${keyId}`
    one.verifier.invalidate({ kind: 'key', id: keyId })
    assert.equal(await state(one, key), 'revoked')
  })

  it('evicts the keys that a revoked one had created together with it', async () => {
    const { key, parentId } = await scene()
    await warm(key, 'read:sandboxes')
    await here.sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${parentId}`
    one.verifier.invalidate({ kind: 'key', id: parentId })
    assert.equal(await state(one, key), 'revoked')
  })

  it('refuses 100 revoked keys in both, each as soon as the notifications of its commit have arrived', async () => {
    const owner = await here.user()
    const home = await here.organization(owner)
    const keys = await Promise.all(Array.from({ length: 100 }, () => here.key(owner, home)))
    for (const { key } of keys) await warm(key, 'read:sandboxes')
    for (const { id, key } of keys) {
      await here.sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${id}`
      // PostgreSQL delivers notifications in the order of commits.
      await Promise.all(both.map((process) => process.caughtUp()))
      for (const process of both) assert.equal(await state(process, key), 'revoked')
    }
  })
})

describe('a change that commits during a read', () => {
  /** Locks the tables so that a running read waits. */
  async function whileReading(change: (commit: () => Promise<void>) => Promise<void>): Promise<void> {
    const held = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const lock = here.sql.begin(async (tx) => {
      await tx`LOCK TABLE organizations IN ACCESS EXCLUSIVE MODE`
      held.resolve()
      await released.promise
    })
    const commit = async () => {
      released.resolve()
      await lock
    }
    await held.promise
    try {
      await change(commit)
    } finally {
      await commit()
    }
  }

  const waiting = async (count: number) =>
    waitFor(async () => {
      const [row] = await here.sql`SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name = 'auth test'`
      return row?.['n'] >= count
    })

  for (const by of ['the channel', 'this process'] as const) {
    it(`is not undone by what was read before it, notified by ${by}`, async () => {
      const { key, keyId } = await scene()
      await one.caughtUp()
      await whileReading(async (commit) => {
        const early = one.verifier.verify(key, ADDRESS)
        assert.ok(early instanceof Promise)
        await waiting(1)
        // The read has no snapshot yet: its result depends on the order from here on.
        const change: Change = { kind: 'key', id: keyId }
        if (by === 'the channel') {
          await here.sql.notify('daytona_auth', `key:${keyId}`)
          await one.caughtUp()
        } else one.verifier.invalidate(change)
        const late = one.verifier.verify(key, ADDRESS)
        assert.ok(late instanceof Promise)
        await waiting(2)
        await commit()
        await Promise.all([early, late])
      })
      // The early read depends on the change: only the late one's result is cached.
      assert.ok(!(one.verifier.verify(key, ADDRESS) instanceof Promise))
    })
  }

  it('caches nothing of a read during a reset', async () => {
    const { key } = await scene()
    await one.caughtUp()
    await whileReading(async (commit) => {
      const early = one.verifier.verify(key, ADDRESS)
      await waiting(1)
      await here.sql.notify('daytona_auth', 'all:roles')
      await one.caughtUp()
      await commit()
      await early
    })
    assert.ok(one.verifier.verify(key, ADDRESS) instanceof Promise)
  })

  it('never leaves a revoked key cached: 60 revocations during a read', async () => {
    const owner = await here.user()
    const home = await here.organization(owner)
    for (let round = 0; round < 60; round++) {
      const { id, key } = await here.key(owner, home)
      const early = one.verifier.verify(key, ADDRESS)
      const revoked = here.sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${id}`
      await Promise.all([early, revoked])
      await one.caughtUp()
      assert.equal(await state(one, key), 'revoked')
    }
  })
})
