import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { before, describe, it } from 'node:test'
import { DEPLOYMENT, listAuditEvents, verifyAuditChain } from '@daytona-auth/db/audit'
import type { Database } from '@daytona-auth/db/core'
import { addFirstSigningKeys, advanceSigningKeys, listSigningKeys } from '@daytona-auth/db/signing-keys'
import { findSecondFactors } from '@daytona-auth/db/users'
import { makeSigningKeys } from '@daytona-auth/signing-keys/create'
import { createTotpSecrets } from '@daytona-auth/signing-keys/totp-secrets'
import { keyWrapping } from '@daytona-auth/signing-keys/wrap'
import { type Scope, testDatabase } from '@daytona-auth/testing'
import { withAuthenticatorApp } from './authenticator-app.ts'
import { daytonaAuth } from './command.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const SECRET = 'dA7#the secret that the keys are wrapped with'
const OTHER = 'kQ2!the secret of another deployment'
const AT_ONCE = { promoteAfterSeconds: 0, removeAfterSeconds: 1e6 }

interface Shown {
  readonly kid: string
  readonly alg: string
  readonly status: string
  readonly since: string
  readonly until: string | null
  readonly isOverdue: boolean
}

// RSA keys take a while: one pair of keys begins every deployment here.
const first = await makeSigningKeys(keyWrapping([SECRET]))

/** A deployment whose provider has started once. */
async function deployment(t?: Scope) {
  const { url, database } = await testDatabase(t)
  await addFirstSigningKeys(database, first, 'test')
  return {
    database,
    run: (argv: string[], env: Record<string, string> = {}) =>
      daytonaAuth(['signing-keys', ...argv], { env: { DATABASE_URL: url, SIGNING_KEYS_SECRET: SECRET, ...env } }),
  }
}

/** The rows of the table, and the events of the trail. */
async function stateOf(database: Database) {
  const keys = await listSigningKeys(database)
  const { rows } = await listAuditEvents(database, DEPLOYMENT, {}, { limit: 50 })
  return { keys: keys.map(({ ageSeconds: _, ...key }) => key), events: rows.map(({ id }) => id) }
}

/** Returns the actions of the operator's command in the trail. */
async function operationsOf(database: Database): Promise<string[]> {
  const { rows } = await listAuditEvents(database, DEPLOYMENT, {}, { limit: 50 })
  assert.equal((await verifyAuditChain(database, DEPLOYMENT)).brokenAt, null)
  return rows.filter(({ source }) => source === 'operations').map(({ action, targetId }) => `${action} ${targetId}`)
}

const seconds = (from: string, to: string | null) => (Date.parse(to ?? '') - Date.parse(from)) / 1000
const parse = ({ stdout }: { stdout: string }) => JSON.parse(stdout)

describe('daytona-auth signing-keys', () => {
  let shared: ReturnType<typeof deployment>
  before(() => {
    shared = deployment()
  })

  for (const [what, argv, env, said] of [
    ['nothing to do', [], {}, /^Usage: daytona-auth signing-keys/],
    ['an unknown verb', ['remove'], {}, /^error: unknown command 'remove'/],
    ['an argument', ['rotate', 'hunter2'], {}, /^error: too many arguments/],
    ['no secret', ['rotate'], { SIGNING_KEYS_SECRET: '' }, /^invalid environment: SIGNING_KEYS_SECRET is required/],
    ['a weak secret', ['rotate'], { SIGNING_KEYS_SECRET: 'hunter2' }, /SIGNING_KEYS_SECRET must have 32 characters/],
    [
      'a lifetime without a unit',
      ['list'],
      { SESSION_ABSOLUTE_TTL: '2 weeks' },
      /^invalid environment: SESSION_ABSOLUTE_TTL must be/,
    ],
    [
      'the secret of another deployment',
      ['rotate'],
      { SIGNING_KEYS_SECRET: OTHER },
      /^signing key \S+ cannot be opened/,
    ],
    [
      'that secret, at once',
      ['rotate', '--at-once'],
      { SIGNING_KEYS_SECRET: OTHER },
      /^signing key \S+ cannot be opened/,
    ],
    [
      'that secret, to encrypt',
      ['reencrypt'],
      { SIGNING_KEYS_SECRET: OTHER },
      /nothing was changed: add the secret that it was encrypted under to SIGNING_KEYS_SECRET, as in new,old/,
    ],
  ] as const) {
    it(`changes nothing with ${what}, and exits with 2`, async () => {
      const { database, run } = await shared
      const untouched = await stateOf(database)
      const ended = await run([...argv], env)
      assert.deepEqual([ended.exitCode, ended.stdout], [2, ''])
      assert.match(ended.stderr, said)
      assert.doesNotMatch(ended.stderr, /hunter2|dA7#|kQ2!/)
      assert.deepEqual(await stateOf(database), untouched)
    })
  }

  it('refuses to rotate and lists nothing before the first provider has started', async (t) => {
    const { url, database } = await testDatabase(t)
    const env = { DATABASE_URL: url, SIGNING_KEYS_SECRET: SECRET }
    const none = 'there are no signing keys yet: start a provider, which creates them\n'
    const rotated = await daytonaAuth(['signing-keys', 'rotate'], { env })
    assert.deepEqual(rotated, { exitCode: 1, stdout: '', stderr: none })
    const listed = await daytonaAuth(['signing-keys', 'list'], { env })
    assert.deepEqual(listed, { exitCode: 0, stdout: none, stderr: '' })
    assert.deepEqual(await listSigningKeys(database), [])
  })
})

describe('daytona-auth signing-keys rotate', () => {
  it('starts one rotation with repeated and concurrent commands, and prints its schedule', async (t) => {
    const { database, run } = await deployment(t)
    const answers = await Promise.all([1, 2, 3].map(() => run(['rotate', '-f', 'json'])))
    assert.deepEqual(
      answers.map(({ exitCode, stderr }) => [exitCode, stderr]),
      answers.map(() => [0, '']),
    )
    assert.equal(answers.filter((answer) => parse(answer).rotated).length, 1)
    const again = parse(await run(['rotate', '-f', 'json']))
    assert.equal(again.rotated, false)
    for (const answer of answers) assert.deepEqual(parse(answer).keys, again.keys)

    const keys = again.keys as Shown[]
    const next = keys.filter(({ status }) => status === 'next')
    assert.deepEqual(next.map(({ alg }) => alg).toSorted(), ['ES256', 'RS256'])
    for (const { since, until, isOverdue } of next) assert.deepEqual([seconds(since, until), isOverdue], [600, false])
    for (const { alg, status, until } of keys.filter(({ kid }) => !next.some((key) => key.kid === kid))) {
      assert.deepEqual([status, until], ['active', next.find((key) => key.alg === alg)?.until])
    }
    assert.deepEqual(
      (await operationsOf(database)).toSorted(),
      next.map(({ kid }) => `signing_key.publish ${kid}`).toSorted(),
    )
  })

  it('creates keys that a provider decrypts and promotes, and prints how long the old ones are published', async (t) => {
    const { database, run } = await deployment(t)
    const env = { SESSION_ABSOLUTE_TTL: '1h', ACCESS_TOKEN_TTL: '2h' }
    assert.match((await run(['rotate'], env)).stdout, /^started a rotation; running providers complete it/)
    const wrapping = keyWrapping([SECRET])
    for (const { privateJwk, publicJwk } of await listSigningKeys(database)) {
      const opened = await wrapping.open(privateJwk)
      assert.equal(opened?.jwk.kid, publicJwk['kid'])
      assert.equal(opened?.isCurrent, true)
    }

    await advanceSigningKeys(database, AT_ONCE, 'test')
    const { keys } = parse(await run(['list', '-f', 'json'], env)) as { keys: Shown[] }
    const retired = keys.filter(({ status }) => status === 'retired')
    assert.deepEqual(retired.map(({ kid }) => kid).toSorted(), first.map(({ kid }) => kid).toSorted())
    for (const { since, until } of retired) assert.equal(seconds(since, until), 2 * 3600 + 60)
    for (const { status, until } of keys.slice(2)) assert.deepEqual([status, until], ['active', null])
    assert.match((await run(['list'], env)).stdout, /^\S+ {2}[ER]S256 {2}no longer signs since \S+Z, published until/)
  })

  it('reports an overdue step', async (t) => {
    const { database, run } = await deployment(t)
    await run(['rotate'])
    await database.$client`UPDATE signing_keys SET created_at = created_at - interval '1 hour' WHERE status = 'next'`
    const listed = await run(['list'])
    assert.equal(listed.stdout.match(/\(overdue: no provider runs/g)?.length, 4)
  })

  it('replaces all keys at once if they leaked, also during a rotation', async (t) => {
    const { database, run } = await deployment(t)
    await run(['rotate'])
    const old = (await listSigningKeys(database)).map(({ kid }) => kid)
    const { rotated, keys } = parse(await run(['rotate', '--at-once', '-f', 'json']))
    assert.equal(rotated, true)
    assert.deepEqual(
      keys.map(({ status }: Shown) => status),
      ['active', 'active'],
    )
    const kids: string[] = keys.map(({ kid }: Shown) => kid)
    assert.ok(!kids.some((kid) => old.includes(kid)))
    const actions = await operationsOf(database)
    for (const kid of old) assert.ok(actions.includes(`signing_key.remove ${kid}`))
    for (const kid of kids) assert.ok(actions.includes(`signing_key.activate ${kid}`))
  })
})

describe('daytona-auth signing-keys reencrypt', () => {
  it('encrypts every key under the first secret, which alone then decrypts it', async (t) => {
    const { database, run } = await deployment(t)
    await run(['rotate'])
    await advanceSigningKeys(database, AT_ONCE, 'test') // of each algorithm one that signs and one that is retired
    const userId = await withAuthenticatorApp(database, [SECRET])
    const file = `${await temporaryDirectory(t)}/secrets`
    await writeFile(file, `${OTHER},${SECRET}\n`)
    const env = { SIGNING_KEYS_SECRET: '', SIGNING_KEYS_SECRET_FILE: file }
    const done = await run(['reencrypt', '-f', 'json'], env)
    const rows = await listSigningKeys(database)
    const kids = rows.map(({ kid }) => kid)
    assert.deepEqual(parse(done), { reencrypted: kids, authenticatorApps: 1 })
    const { totp } = await findSecondFactors(database, userId)
    assert.equal((await createTotpSecrets([OTHER]).decrypt(userId, totp?.secret ?? ''))?.secret, 'BASE32')
    assert.equal(await createTotpSecrets([SECRET]).decrypt(userId, totp?.secret ?? ''), undefined)
    for (const { privateJwk, kid } of rows) {
      assert.equal((await keyWrapping([OTHER]).open(privateJwk))?.jwk.kid, kid)
      assert.equal(await keyWrapping([SECRET]).open(privateJwk), undefined)
    }
    const actions = await operationsOf(database)
    for (const kid of kids) assert.ok(actions.includes(`signing_key.reencrypt ${kid}`))
    assert.ok(!done.stdout.includes(OTHER))

    const again = await run(['reencrypt'], env)
    assert.equal(again.stdout, 'nothing to do: everything is encrypted under the first secret\n')
    assert.deepEqual(await operationsOf(database), actions)
  })

  it('fails if an authenticator app cannot be decrypted, and keeps it', async (t) => {
    const { database, run } = await deployment(t)
    const userId = await withAuthenticatorApp(database, [OTHER])
    const before = await findSecondFactors(database, userId)
    const ended = await run(['reencrypt'], { SIGNING_KEYS_SECRET: `a third one made for this test 9,${SECRET}` })
    assert.equal(ended.exitCode, 2)
    assert.match(ended.stderr, new RegExp(`^the authenticator app of ${userId} cannot be opened`))
    assert.deepEqual(await findSecondFactors(database, userId), before)
  })

  it('changes no key if one cannot be decrypted', async (t) => {
    const { database, run } = await deployment(t)
    const foreign = await keyWrapping([OTHER]).wrap({ kty: 'oct', k: 'of another deployment' })
    await database.$client`UPDATE signing_keys SET private_jwk = ${foreign} WHERE kid = ${first[1]?.kid ?? ''}`
    const untouched = await stateOf(database)
    const ended = await run(['reencrypt'], { SIGNING_KEYS_SECRET: `a third one made for this test 9,${SECRET}` })
    assert.equal(ended.exitCode, 2)
    assert.match(ended.stderr, new RegExp(`^signing key ${first[1]?.kid} cannot be opened, and nothing was changed`))
    assert.deepEqual(await stateOf(database), untouched)
  })
})
