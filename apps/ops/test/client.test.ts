import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { DEPLOYMENT, inAudit, listAuditEvents, systemAuthority, verifyAuditChain } from '@daytona-auth/db/audit'
import { ensureFirstPartyClients, findOidcClient, insertOauthApp } from '@daytona-auth/db/clients'
import { type Database, newId } from '@daytona-auth/db/core'
import { createOwner } from '@daytona-auth/db/operations'
import type { CreatedUser } from '@daytona-auth/db/users'
import { testDatabase } from '@daytona-auth/testing'
import { daytonaAuth } from './command.ts'

const TEST_AUTHORITY = systemAuthority('test')

const URI = 'https://app.example.test/callback'
const GOOD = ['--name', 'Gateway', '--type', 'web', '--redirect-uri', URI, '--scope', 'openid', 'read:sandboxes']

/** `GOOD` with an option and its arguments replaced. */
function but(option: string, ...instead: string[]): string[] {
  const at = GOOD.indexOf(option)
  const end = GOOD.findIndex((word, index) => index > at && word.startsWith('--'))
  return [...GOOD.slice(0, at), ...(end === -1 ? [] : GOOD.slice(end)), ...instead]
}

/** Inserts a key created with a token of that client. */
async function keyMadeWith({ $client: sql }: Database, clientId: string, { userId, organizationId }: CreatedUser) {
  const [grant, key] = [newId('grant'), newId('key')]
  await sql.begin(async (tx) => {
    await tx`INSERT INTO grants (id, user_id, client_id, scopes, payload, expires_at)
      VALUES (${grant}, ${userId}, ${clientId}, '{openid}', '{}', now() + interval '1 day')`
    await tx`INSERT INTO api_keys (id, organization_id, user_id, name, permissions, parent_grant_id)
      VALUES (${key}, ${organizationId}, ${userId}, 'key', '{read:sandboxes}', ${grant})`
    await tx`INSERT INTO api_key_organizations (key_id, organization_id, user_id, name)
      VALUES (${key}, ${organizationId}, ${userId}, 'key')`
  })
  return key
}

describe('daytona-auth client', () => {
  let shared: Awaited<ReturnType<typeof testDatabase>>
  before(async () => {
    shared = await testDatabase()
  })
  const client = (argv: readonly string[], { url } = shared) =>
    daytonaAuth(['client', ...argv], { env: { DATABASE_URL: url } })
  const trail = async ({ database } = shared) => {
    assert.equal((await verifyAuditChain(database, DEPLOYMENT)).brokenAt, null)
    return (await listAuditEvents(database, DEPLOYMENT, {}, { limit: 50 })).rows
  }

  const HTTPS = '--redirect-uri: must be https, or http on localhost, 127.0.0.1 or [::1]\n'
  const cases: [what: string, argv: readonly string[], said: RegExp | string][] = [
    ['nothing to do', [], /^Usage: daytona-auth client/],
    ['no name', ['create', ...but('--name')], /^error: required option '--name <name>' not specified\n/],
    ['no type', ['create', ...but('--type')], /^error: required option '--type <type>' not specified\n/],
    ['an unknown type', ['create', ...but('--type', '--type', 'service')], /^error: option '--type <type>' argument/],
    ['no redirect', ['create', ...but('--redirect-uri')], /^error: required option '--redirect-uri <uri...>'/],
    ['no scope', ['create', ...but('--scope')], /^error: required option '--scope <scope...>' not specified\n/],
    ['an empty name', ['create', ...but('--name', '--name', ' ')], '--name: must not be empty\n'],
    ['an unknown scope', ['create', ...GOOD, 'root'], /^--scope: Invalid option/],
    ['a redirect over http', ['create', ...GOOD, '--redirect-uri', 'http://app.example.test/cb'], HTTPS],
    ['a wildcard', ['create', ...GOOD, '--redirect-uri', `${URI}/*`], '--redirect-uri: must not have a wildcard\n'],
    [
      'several things',
      ['create', ...GOOD, '--redirect-uri', 'javascript:alert(1)', '--logo-uri', 'x', '--name', ''],
      `--name: must not be empty; ${HTTPS.trim()}; --logo-uri: must be an absolute URI\n`,
    ],
    ['a secret of its own', ['create', ...GOOD, '--secret', 'hunter2'], /^error: unknown option '--secret'\n/],
    ['no client to delete', ['delete'], /^error: missing required argument 'client-id'\n/],
  ]
  for (const [what, argv, said] of cases) {
    it(`changes nothing with ${what}, and exits with 2`, async () => {
      const { url, database } = shared
      const ended = await client(argv)
      assert.deepEqual([ended.exitCode, ended.stdout], [2, ''], ended.stdout)
      if (typeof said === 'string') assert.equal(ended.stderr, said)
      else assert.match(ended.stderr, said)
      const [count] = await database.$client`SELECT count(*)::int AS all FROM oidc_clients`
      assert.deepEqual([count?.['all'], await trail()], [0, []], url)
    })
  }

  it('creates a web client of the operator alone, and shows its secret once', async (t) => {
    const own = await testDatabase(t)
    const made = await client(['create', ...GOOD, 'openid', '-f', 'json'], own)
    assert.deepEqual([made.exitCode, made.stderr], [0, ''])
    const { clientSecret, ...whole } = JSON.parse(made.stdout)
    const { clientId, createdAt } = whole
    assert.deepEqual(whole, {
      clientId,
      name: 'Gateway',
      type: 'web',
      firstParty: false,
      redirectUris: [URI],
      postLogoutRedirectUris: [],
      scopes: ['openid', 'read:sandboxes'],
      homepageUri: null,
      logoUri: null,
      createdAt,
    })
    const row = await findOidcClient(own.database, clientId)
    assert.deepEqual([row?.organizationId, row?.createdBy], [null, null])
    assert.deepEqual(
      row?.secrets.map(({ digest }) => Buffer.from(digest)),
      [hash('sha256', clientSecret, 'buffer')],
    )

    const listed = await client(['list', '-f', 'json'], own)
    assert.deepEqual(JSON.parse(listed.stdout), { clients: [whole] })
    const events = await trail(own)
    assert.deepEqual(
      events.map(({ action, targetId, source }) => [action, targetId, source]),
      [['oauth_app.create', clientId, 'operations']],
    )
    assert.ok(!JSON.stringify([events, listed]).includes(clientSecret))
  })

  it('creates public clients, which have no secret, and first-party ones', async (t) => {
    const own = await testDatabase(t)
    const argv = ['create', '--name', 'Ours', '--scope', 'openid', '--first-party']
    const native = await client([...argv, '--type', 'native', '--redirect-uri', 'http://127.0.0.1/cb'], own)
    assert.match(native.stdout, /^created app_\w+ {2}native, first-party {2}"Ours" {2}http:\/\/127\.0\.0\.1\/cb\n$/)
    const spa = await client([...argv, '--type', 'spa', '--redirect-uri', URI, `${URI}2`], own)
    assert.match(spa.stdout, /^created app_\w+ {2}spa, first-party {2}"Ours" {2}\S+callback \S+callback2\n$/)
    const rows = await own.database.$client`SELECT first_party, secret_digest FROM oidc_clients`
    assert.deepEqual(
      [...rows],
      [1, 2].map(() => ({ first_party: true, secret_digest: null })),
    )
  })

  it('deletes its own clients, once, and neither those of organizations nor the provider’s', async (t) => {
    const own = await testDatabase(t)
    const { database } = own
    const { clientId } = JSON.parse((await client(['create', ...GOOD, '-f', 'json'], own)).stdout)
    const redirectUris = [URI]
    await ensureFirstPartyClients(database, [
      { id: 'daytona-cli', name: 'CLI', type: 'native', redirectUris, postLogoutRedirectUris: [], scopes: ['openid'] },
    ])
    const owner = { email: 'ada@example.com', name: 'Ada', passwordHash: 'x' }
    const ada = await createOwner(database, { owner }, 'test')
    assert.ok(ada)
    const { organizationId } = ada
    const theirs = newId('app')
    const entry = {
      organizationId,
      actorId: null,
      actorEmail: null,
      source: 'test',
      action: 'oauth_app.create',
    } as const
    await inAudit(database, TEST_AUTHORITY, entry, (tx) =>
      insertOauthApp(
        tx,
        organizationId,
        { id: theirs, name: 'App', type: 'web', redirectUris, scopes: ['openid'] },
        undefined,
      ),
    )

    for (const [id, said] of [
      [theirs, `the operator has no client "${theirs}": nothing was changed\n`],
      ['app_missing', 'the operator has no client "app_missing": nothing was changed\n'],
      ['daytona-cli', '"daytona-cli" was not created by this command: nothing was changed\n'],
    ] as const) {
      assert.deepEqual(await client(['delete', id], own), { exitCode: 1, stdout: '', stderr: said })
    }
    assert.equal((await trail(own)).length, 1)

    const keyId = await keyMadeWith(database, clientId, ada)
    const deleted = await client(['delete', clientId, '-f', 'json'], own)
    assert.deepEqual(JSON.parse(deleted.stdout), { deleted: clientId, endedApiKeys: [keyId] })
    assert.equal((await client(['delete', clientId], own)).exitCode, 1)
    const left = await database.$client`SELECT id FROM oidc_clients ORDER BY id`
    assert.deepEqual(left.map(({ id }) => id).toSorted(), [theirs, 'daytona-cli'].toSorted())
    const { rows } = await listAuditEvents(database, organizationId, {}, { limit: 1 })
    assert.deepEqual([rows[0]?.action, rows[0]?.targetId], ['api_key.delete', keyId])
    assert.equal((await trail(own))[0]?.action, 'oauth_app.delete')
  })
})
