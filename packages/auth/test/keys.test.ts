import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { PERMISSIONS, type Permission } from '@daytona-auth/protocol/scopes'
import { waitFor } from '@daytona-auth/testing'
import { mintKey } from '../src/credential/api-key.ts'
import { namesOf } from '../src/principal/permission.ts'
import type { Principal } from '../src/principal/principal.ts'
import { type Answer, isDenied } from '../src/principal/result.ts'
import { ADDRESS, type TestKey, verifierOn, world } from './world.ts'

const ALL = Object.keys(PERMISSIONS)
const OFFLINE = 'answered without a look at the database'

/** Summarizes an answer: the reason, or the effective permissions by organization. */
function gist(answer: Answer): string | Record<string, Permission[]> {
  if (isDenied(answer)) return answer.reason
  return Object.fromEntries([...answer.access].map(([id, { permissions }]) => [id, namesOf(permissions)]))
}

let wallClock: number | undefined
const here = await world({ after })
const process = await verifierOn({ after }, here.url, { now: () => wallClock ?? Date.now() })
const owner = await here.user()
const home = await here.organization(owner)

describe('verifying an API key', () => {
  const verify = (credential: string) => process.verifier.verify(credential, ADDRESS)
  const asked = async (credential: string) => gist(await verify(credential))
  const principalOf = async ({ key }: TestKey): Promise<Principal> => {
    const answer = await verify(key)
    assert.ok(!isDenied(answer), `refused: ${gist(answer)}`)
    return answer
  }

  for (const [what, credential] of [
    ['nothing', ''],
    ['a word', 'secret'],
    ['the key of the published guide', 'dta_1234567890abcdef'],
    ['a key with a typo', `${mintKey().key.slice(0, -1)}!`],
    ['a key whose checksum is another key’s', mintKey().key.slice(0, -6) + mintKey().key.slice(-6)],
    ['a key followed by something', `${mintKey().key},`],
    ['two keys', `${mintKey().key} ${mintKey().key}`],
    ['16 KiB', 'a'.repeat(16 * 1024)],
    ['16 KiB behind our prefix', `${KEY_PREFIX}${'a'.repeat(16 * 1024)}`],
    ['bytes outside ASCII', `${KEY_PREFIX}é\u{1f511}`],
  ] as const) {
    it(`refuses ${what} as malformed, ${OFFLINE}`, () => {
      const answer = verify(credential)
      assert.ok(!(answer instanceof Promise))
      assert.equal(gist(answer), 'malformed')
    })
  }

  it('refuses a well-formed key that was never created', async () => {
    const { key } = mintKey()
    assert.deepEqual(await verify(key), {
      kind: 'denied',
      statusCode: 401,
      credential: 'api-key',
      reason: 'unknown',
      key: null,
      description: 'The API key is well-formed, but unknown, expired or revoked',
      retryAfterSeconds: null,
    })
    assert.ok(!(verify(key) instanceof Promise), 'the second time from memory')
  })

  it('accepts a key from the moment it exists, although it was refused a moment before', async () => {
    const { id } = await here.key(owner, home)
    const early = mintKey()
    assert.equal(await asked(early.key), 'unknown')
    assert.equal(await asked(early.key), 'unknown')
    await here.sql`INSERT INTO api_key_secrets (digest, key_id, hint, expires_at) VALUES (${early.digest}, ${id}, ${early.hint}, now() + interval '1 hour')`
    process.verifier.invalidate({ kind: 'key', id })
    assert.deepEqual(await asked(early.key), { [home]: ['read:sandboxes'] })
  })

  it('is notified of such a key when another process creates it', async () => {
    const { id } = await here.key(owner, home)
    const early = mintKey()
    assert.equal(await asked(early.key), 'unknown')
    await here.sql`INSERT INTO api_key_secrets (digest, key_id, hint, expires_at) VALUES (${early.digest}, ${id}, ${early.hint}, now() + interval '1 hour')`
    await waitFor(async () => (await asked(early.key)) !== 'unknown')
  })

  it('refuses a revoked key and names it for the count of denials', async () => {
    const key = await here.key(owner, home)
    await here.sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${key.id}`
    assert.deepEqual(await verify(key.key), {
      kind: 'denied',
      statusCode: 401,
      credential: 'api-key',
      reason: 'revoked',
      key: { keyId: key.id, homeOrganizationId: home, secretDigest: key.digest },
      description: 'The API key is well-formed, but unknown, expired or revoked',
      retryAfterSeconds: null,
    })
  })

  it('refuses a key that the sweeper has marked expired', async () => {
    const key = await here.key(owner, home, { expiresAt: new Date(Date.now() - 1000) })
    await here.sql`UPDATE api_keys SET status = 'expired' WHERE id = ${key.id}`
    assert.equal(await asked(key.key), 'expired')
  })

  it('refuses an expired key that is not marked yet', async () => {
    const key = await here.key(owner, home, { expiresAt: new Date(Date.now() - 1) })
    assert.equal(await asked(key.key), 'expired')
  })

  it('refuses a cached key at the millisecond at which it expires', async () => {
    const at = Math.floor(Date.now() / 1000) * 1000 + 3_600_000
    const key = await here.key(owner, home, { expiresAt: new Date(at) })
    try {
      for (const [now, expected] of [
        // From the database, by its digest, by its text.
        [at - 3, { [home]: ['read:sandboxes'] }],
        [at - 2, { [home]: ['read:sandboxes'] }],
        [at - 1, { [home]: ['read:sandboxes'] }],
        [at, 'expired'],
        [at + 1, 'expired'],
      ] as const) {
        wallClock = now
        assert.deepEqual(await asked(key.key), expected)
      }
    } finally {
      wallClock = undefined
    }
  })

  it('refuses a superseded secret at the end of its grace period, and accepts the new one', async () => {
    const at = Math.floor(Date.now() / 1000) * 1000 + 60_000
    const key = await here.key(owner, home)
    await here.sql`UPDATE api_key_secrets SET expires_at = ${new Date(at).toISOString()} WHERE key_id = ${key.id}`
    const next = await here.secret(key.id)
    try {
      wallClock = at - 1
      assert.deepEqual(await asked(key.key), { [home]: ['read:sandboxes'] })
      assert.deepEqual(await asked(next.key), { [home]: ['read:sandboxes'] })
      wallClock = at
      assert.equal(await asked(key.key), 'expired')
      assert.deepEqual(await asked(next.key), { [home]: ['read:sandboxes'] })
    } finally {
      wallClock = undefined
    }
  })

  it('ends a secret in its grace when the key itself expires before', async () => {
    const key = await here.key(owner, home, { expiresAt: new Date(Date.now() - 1000) })
    await here.sql`UPDATE api_key_secrets SET expires_at = now() + interval '1 day' WHERE key_id = ${key.id}`
    assert.equal(await asked(key.key), 'expired')
  })

  it('refuses a key whose owner is disabled', async () => {
    const person = await here.user({ isDisabled: true })
    const key = await here.key(person, await here.organization(person))
    assert.equal(await asked(key.key), 'user-disabled')
  })

  it('refuses a key whose owner has left its home organization', async () => {
    const person = await here.user()
    const organization = await here.organization(owner)
    await here.member(organization, person, 'member')
    const key = await here.key(person, organization)
    await here.sql`DELETE FROM organization_members WHERE user_id = ${person}`
    assert.equal(await asked(key.key), 'revoked')
  })

  it('gives a member without roles an organization without permissions', async () => {
    const person = await here.user()
    const organization = await here.organization(owner)
    await here.member(organization, person, 'member')
    assert.deepEqual(await asked((await here.key(person, organization)).key), { [organization]: [] })
  })

  it('limits a key to its owner’s permissions in each organization', async () => {
    const person = await here.user()
    const [first, second, third] = [
      await here.organization(owner),
      await here.organization(owner),
      await here.organization(owner),
    ]
    await here.member(first, person, 'member', [await here.role(first, ['read:sandboxes', 'read:volumes'])])
    await here.member(second, person, 'owner')
    await here.member(third, person, 'owner')
    const key = await here.key(person, first, {
      permissions: ['read:sandboxes', 'write:sandboxes'],
      reaches: [first, second, third],
    })
    await here.sql`DELETE FROM organization_members WHERE user_id = ${person} AND organization_id = ${third}`
    assert.deepEqual(await asked(key.key), {
      [first]: ['read:sandboxes'],
      [second]: ['read:sandboxes', 'write:sandboxes'],
    })
  })

  it('combines the roles of a member, built-in ones included', async () => {
    const person = await here.user()
    const organization = await here.organization(owner)
    await here.member(organization, person, 'member', [
      await here.role(organization, ['read:volumes']),
      await here.role(null, ['write:volumes']),
    ])
    const key = await here.key(person, organization, {
      permissions: ['read:volumes', 'write:volumes', 'read:snapshots'],
    })
    assert.deepEqual(await asked(key.key), { [organization]: ['read:volumes', 'write:volumes'] })
  })

  it('counts no role of another organization, even if assigned', async () => {
    const person = await here.user()
    const organization = await here.organization(owner)
    await here.member(organization, person, 'member', [await here.role(home, ['admin:organization'])])
    assert.deepEqual(await asked((await here.key(person, organization)).key), { [organization]: [] })
  })

  it('limits an admin key to the permissions of its owner', async () => {
    const person = await here.user()
    const organization = await here.organization(owner)
    await here.member(organization, person, 'member', [await here.role(organization, ['read:volumes'])])
    const admin = await here.key(person, organization, { permissions: ['admin:organization'] })
    assert.deepEqual(await asked(admin.key), { [organization]: ['read:volumes'] })
    assert.deepEqual(await asked((await here.key(owner, home, { permissions: ['admin:organization'] })).key), {
      [home]: ALL,
    })
  })

  it('ignores a permission that it does not know', async () => {
    const key = await here.key(owner, home, { permissions: ['read:sandboxes', 'launch:missiles' as Permission] })
    assert.deepEqual(await asked(key.key), { [home]: ['read:sandboxes'] })
  })

  it('returns every property of a key that a route can use', async () => {
    const expiresAt = new Date(Math.floor(Date.now() / 1000) * 1000 + 60_000)
    const key = await here.key(owner, home, { expiresAt })
    const [user] = await here.sql`SELECT email, created_at FROM users WHERE id = ${owner}`
    const { access, userCreatedAt, userUpdatedAt, ...principal } = await principalOf(key)
    assert.deepEqual(principal, {
      kind: 'api-key',
      keyId: key.id,
      keyName: key.id,
      homeOrganizationId: home,
      secretDigest: key.digest,
      hint: key.hint,
      isSuperseded: false,
      permissions: 1,
      keyExpiresAt: expiresAt.getTime(),
      expiresAt: expiresAt.getTime(),
      userId: owner,
      userName: 'Ada',
      email: user?.['email'],
      emailVerified: false,
      denyingOrganizations: new Set(),
    })
    assert.equal(userUpdatedAt, userCreatedAt)
    assert.equal(new Date(userCreatedAt).toISOString(), new Date(user?.['created_at']).toISOString())
    assert.deepEqual(
      [...access],
      [[home, { organizationId: home, permissions: 1, role: 'owner', suspension: null, needsSecondFactor: false }]],
    )
  })

  it('returns a suspension with its reason and end', async () => {
    const organization = await here.organization(owner)
    const until = new Date(Math.floor(Date.now() / 1000) * 1000 + 60_000)
    await here.sql`UPDATE organizations SET suspended_at = now(), suspension_reason = 'unpaid', suspended_until = ${until.toISOString()} WHERE id = ${organization}`
    const { access } = await principalOf(await here.key(owner, organization))
    assert.deepEqual(access.get(organization)?.suspension, { reason: 'unpaid', until: until.getTime() })
  })

  it('answers synchronously for a cached key, with the same principal object', async () => {
    const { key } = await here.key(owner, home)
    await process.caughtUp()
    const first = await verify(key)
    const second = verify(key)
    assert.ok(!(second instanceof Promise))
    assert.equal(second, first)
  })

  it('returns frozen principals', async () => {
    const principal = await principalOf(await here.key(owner, home))
    assert.throws(() => Object.assign(principal, { userId: 'usr_mallory' }), TypeError)
    assert.throws(() => Object.assign(principal.access.get(home) ?? {}, { permissions: 511 }), TypeError)
  })

  it('reads a key once for many concurrent requests', async () => {
    const { key } = await here.key(owner, home)
    const answers = await Promise.all(Array.from({ length: 50 }, () => verify(key)))
    assert.equal(new Set(answers).size, 1)
  })

  it('distinguishes concurrent keys', async () => {
    const keys = await Promise.all(Array.from({ length: 150 }, () => here.key(owner, home)))
    const unknown = mintKey().key
    const answers = await Promise.all([...keys.map(({ key }) => verify(key)), verify(unknown)])
    assert.deepEqual(
      answers.map((answer) => (answer.kind === 'api-key' ? answer.keyId : gist(answer))),
      [...keys.map(({ id }) => id), 'unknown'],
    )
  })
})
