import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type ApiKeyId, type GrantId, newId, type OrganizationId } from '@daytona-auth/db/core'
import type { Permission } from '@daytona-auth/protocol/scopes'
import { waitFor } from '@daytona-auth/testing'
import { namesOf } from '../src/principal/permission.ts'
import { isDenied } from '../src/principal/result.ts'
import { ADDRESS, type TestKey, type TestVerifier, verifierOn, world } from './world.ts'

/** A key never exceeds the credential that created it, after every change to that, in two processes on one database. */

const here = await world({ after })
const both = [await verifierOn({ after }, here.url), await verifierOn({ after }, here.url)]

const PERMISSIONS: Permission[] = ['read:sandboxes', 'write:sandboxes', 'read:volumes']
const HOUR_MS = 3_600_000
const inHours = (hours: number) => new Date(Math.floor(Date.now() / 1000) * 1000 + hours * HOUR_MS)

/** A key with a child, a grant with a child, and a child of each of these, in two organizations. */
interface Family {
  readonly home: OrganizationId
  readonly other: OrganizationId
  readonly clientId: string
  readonly grantId: GrantId
  readonly parentId: ApiKeyId
  /** When the parents and their descendants expire. */
  readonly end: Date
}

/** The permissions of a key in each organization and its expiry, or why it is refused. */
interface State {
  readonly refused?: string
  readonly inHome?: string
  readonly inOther?: string
  readonly end?: number | null
}

interface Change {
  readonly of: 'key' | 'grant'
  readonly make: (family: Family) => Promise<unknown>
  readonly expected: (family: Family) => State
  /** The state in the rows of the descendants, if it differs. */
  readonly recorded?: (family: Family) => State
}

const { sql } = here
const ALL = 'read:sandboxes+write:sandboxes+read:volumes'
const unchanged = ({ end }: Family): State => ({ inHome: ALL, inOther: ALL, end: end.getTime() })
const deniedAs = (refused: string) => (): State => ({ refused })
const SHORTER = inHours(1)
const narrowedTo = (permissions: string) => (family: Family) => ({
  ...unchanged(family),
  inHome: permissions,
  inOther: permissions,
})
const withoutOther = ({ end }: Family): State => ({ inHome: ALL, end: end.getTime() })

const CHANGES: Record<string, Change> = {
  'the key’s expiry is shortened': {
    of: 'key',
    make: ({ parentId }) => sql`UPDATE api_keys SET expires_at = ${SHORTER.toISOString()} WHERE id = ${parentId}`,
    expected: (family) => ({ ...unchanged(family), end: SHORTER.getTime() }),
  },
  'the key’s expiry is prolonged': {
    of: 'key',
    make: ({ parentId }) => sql`UPDATE api_keys SET expires_at = NULL WHERE id = ${parentId}`,
    expected: unchanged,
  },
  'the key’s permissions are narrowed': {
    of: 'key',
    make: ({ parentId }) => sql`UPDATE api_keys SET permissions = '{read:sandboxes}' WHERE id = ${parentId}`,
    expected: narrowedTo('read:sandboxes'),
  },
  'the key’s permissions are narrowed and widened again': {
    of: 'key',
    async make({ parentId }) {
      await sql`UPDATE api_keys SET permissions = '{read:sandboxes}' WHERE id = ${parentId}`
      await sql`UPDATE api_keys SET permissions = '{admin:organization}' WHERE id = ${parentId}`
    },
    expected: narrowedTo('read:sandboxes'),
  },
  'the key’s permissions are replaced': {
    of: 'key',
    make: ({ parentId }) => sql`UPDATE api_keys SET permissions = '{read:registries}' WHERE id = ${parentId}`,
    expected: deniedAs('revoked'),
  },
  'an organization is taken from the key': {
    of: 'key',
    make: ({ parentId, other }) =>
      sql`DELETE FROM api_key_organizations WHERE key_id = ${parentId} AND organization_id = ${other}`,
    expected: withoutOther,
  },
  'the key has expired': {
    of: 'key',
    make: ({ parentId }) => sql`UPDATE api_keys SET expires_at = now() - interval '1 s' WHERE id = ${parentId}`,
    expected: deniedAs('expired'),
  },
  'the key has expired and is marked so': {
    of: 'key',
    make: ({ parentId }) =>
      sql`UPDATE api_keys SET status = 'expired', expires_at = now() - interval '1 s' WHERE id = ${parentId}`,
    expected: deniedAs('revoked'),
    recorded: deniedAs('expired'),
  },
  'the key is revoked': {
    of: 'key',
    make: ({ parentId }) => sql`UPDATE api_keys SET status = 'revoked', revoked_at = now() WHERE id = ${parentId}`,
    expected: deniedAs('revoked'),
  },
  'the grant’s expiry is shortened': {
    of: 'grant',
    make: ({ grantId }) => sql`UPDATE grants SET expires_at = ${SHORTER.toISOString()} WHERE id = ${grantId}`,
    expected: (family) => ({ ...unchanged(family), end: SHORTER.getTime() }),
  },
  'the grant’s scopes are narrowed': {
    of: 'grant',
    make: ({ grantId }) => sql`UPDATE grants SET scopes = '{openid,read:sandboxes}' WHERE id = ${grantId}`,
    expected: narrowedTo('read:sandboxes'),
  },
  'the grant’s scopes are narrowed to identity': {
    of: 'grant',
    make: ({ grantId }) => sql`UPDATE grants SET scopes = '{openid}' WHERE id = ${grantId}`,
    expected: deniedAs('revoked'),
  },
  'the grant’s organizations are narrowed': {
    of: 'grant',
    make: ({ grantId, home }) => sql`UPDATE grants SET organization_ids = ${[home]} WHERE id = ${grantId}`,
    expected: withoutOther,
  },
  'the grant loses the organization that the key lives in': {
    of: 'grant',
    make: ({ grantId, other }) => sql`UPDATE grants SET organization_ids = ${[other]} WHERE id = ${grantId}`,
    expected: deniedAs('revoked'),
  },
  'the grant has expired': {
    of: 'grant',
    make: ({ grantId }) => sql`UPDATE grants SET expires_at = now() - interval '1 s' WHERE id = ${grantId}`,
    expected: deniedAs('expired'),
  },
  'the grant is revoked': {
    of: 'grant',
    make: ({ grantId }) => sql`UPDATE grants SET revoked_at = now() WHERE id = ${grantId}`,
    expected: deniedAs('revoked'),
  },
  'the client’s scopes are narrowed': {
    of: 'grant',
    make: ({ clientId }) => sql`UPDATE oidc_clients SET scopes = '{openid,read:volumes}' WHERE id = ${clientId}`,
    expected: narrowedTo('read:volumes'),
  },
}

async function family(): Promise<Family & Record<Change['of'], readonly TestKey[]>> {
  const owner = await here.user()
  const [home, other] = [await here.organization(owner), await here.organization(owner)]
  const clientId = newId('app')
  const scopes = ['openid', ...PERMISSIONS]
  await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes) VALUES (${clientId}, 'App', 'spa', '{}', ${scopes})`
  const end = inHours(24)
  const grantId = await here.grant(owner, clientId, { scopes, organizationIds: [home, other], expiresAt: end })
  const options = { permissions: PERMISSIONS, reaches: [home, other] }
  const parent = await here.key(owner, home, { ...options, expiresAt: end })
  const ofKey = await here.key(owner, home, { ...options, parentKey: parent.id })
  const belowKey = await here.key(owner, home, { ...options, parentKey: ofKey.id })
  const ofGrant = await here.key(owner, home, { ...options, parentGrant: grantId })
  const belowGrant = await here.key(owner, home, { ...options, parentKey: ofGrant.id })
  return {
    home,
    other,
    clientId,
    grantId,
    parentId: parent.id,
    end,
    key: [ofKey, belowKey],
    grant: [ofGrant, belowGrant],
  }
}

async function stateOf({ verifier }: TestVerifier, key: string, { home, other }: Family): Promise<State> {
  const answer = await verifier.verify(key, ADDRESS)
  if (isDenied(answer)) return { refused: answer.reason }
  const [inHome, inOther] = [answer.access.get(home), answer.access.get(other)]
  return {
    ...(inHome && { inHome: namesOf(inHome.permissions).join('+') }),
    ...(inOther && { inOther: namesOf(inOther.permissions).join('+') }),
    end: answer.expiresAt,
  }
}

/** The state in the key's own row, as the triggers have written it. */
async function recordedState(id: ApiKeyId, { home, other }: Family): Promise<State> {
  const [row] = await sql`SELECT status, array_to_string(permissions, '+') AS permissions,
      extract(epoch FROM expires_at)::float8 * 1000 AS end, expires_at <= now() AS is_expired,
      ARRAY(SELECT organization_id FROM api_key_organizations WHERE key_id = id) AS reached
    FROM api_keys WHERE id = ${id}`
  assert.ok(row)
  if (row['status'] !== 'active') return { refused: row['status'] }
  if (row['is_expired']) return { refused: 'expired' }
  const permissions = row['permissions']
  return {
    ...(row['reached'].includes(home) && { inHome: permissions }),
    ...(row['reached'].includes(other) && { inOther: permissions }),
    end: row['end'],
  }
}

async function becomes(key: string, of: Family, expected: State): Promise<void> {
  for (const process of both) {
    let state: State | undefined
    const isEqual = async () => {
      state = await stateOf(process, key, of)
      return JSON.stringify(state) === JSON.stringify(expected)
    }
    await waitFor(isEqual).catch(() => assert.deepEqual(state, expected))
  }
}

describe('the child and the grandchild of a credential never exceed it', () => {
  for (const [what, { of, make, expected, recorded = expected }] of Object.entries(CHANGES)) {
    it(`when ${what}`, async () => {
      const made = await family()
      await Promise.all(both.map((process) => process.caughtUp()))
      for (const { key } of made[of]) {
        await becomes(key, made, unchanged(made))
        for (const { verifier } of both) assert.ok(!(verifier.verify(key, ADDRESS) instanceof Promise), 'not cached')
      }
      await make(made)
      for (const { id, key } of made[of]) {
        await becomes(key, made, expected(made))
        assert.deepEqual(await recordedState(id, made), recorded(made))
      }
      // The keys of the other credential are unchanged.
      for (const { key } of made[of === 'key' ? 'grant' : 'key']) await becomes(key, made, unchanged(made))
    })
  }
})
