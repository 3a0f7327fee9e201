import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { freePort, pgbouncer, pgbouncerMissing, testDatabase } from '@daytona-auth/testing'
import { daytonaAuth } from './command.ts'
import { certificate, SECRETS, servedDatabase, servers, tlsProxy } from './deployment.ts'

const scope = { after }
const trusted = await certificate(scope, 365)
setDefaultCACertificates([...getCACertificates('default'), trusted.cert])

interface Report {
  readonly findings: readonly { check: string; severity: string; what: string; remedy: string | null }[]
  readonly errors: number
  readonly warnings: number
}

async function doctor(
  env: Record<string, string>,
  ...argv: string[]
): Promise<Report & { exitCode: number; stdout: string }> {
  const { exitCode, stdout, stderr } = await daytonaAuth(['doctor', '-f', 'json', ...argv], { env })
  assert.equal(stderr, '')
  return { exitCode, stdout, ...(JSON.parse(stdout) as Report) }
}

/** Returns warnings and errors as `severity check: what`. Each has a remedy, and none contains a secret. */
async function problems(env: Record<string, string>): Promise<string[]> {
  const { exitCode, findings, errors, warnings, stdout } = await doctor(env)
  const unwell = findings.filter(({ severity }) => severity !== 'ok')
  for (const { what, remedy } of unwell) assert.ok(remedy, what)
  assert.equal(errors + warnings, unwell.length)
  assert.equal(exitCode, unwell.length > 0 ? 1 : 0)
  for (const secret of ['opensesame', ...Object.values(SECRETS)]) assert.ok(!stdout.includes(secret))
  return unwell.map(({ severity, check, what }) => `${severity} ${check}: ${what}`)
}

// A whole deployment: two servers with their own database user, behind a proxy that terminates TLS.
const { url: DATABASE_URL, database } = await servedDatabase(scope)
let apiPort = 0
const ISSUER = await tlsProxy(scope, trusted, () => apiPort)
const WELL = { DATABASE_URL, ISSUER, TRUSTED_PROXIES: '127.0.0.1', ...SECRETS }
apiPort = await servers(scope, WELL)

describe('daytona-auth doctor', () => {
  it('finds nothing in a correct deployment, and exits with 0', async () => {
    const { exitCode, findings } = await doctor(WELL)
    const checks = findings.map(({ check, severity }) => `${severity} ${check}`)
    assert.deepEqual(checks, [
      'ok configuration',
      'ok cookies',
      'ok proxies',
      'ok version',
      'ok encoding',
      'ok writable',
      'ok migrations',
      'ok clock',
      'ok session',
      'ok settings',
      'ok privileges',
      'ok role',
      'ok triggers',
      'ok indexes',
      'ok connections',
      'ok notifications',
      'ok disk',
      'ok channel',
      'ok signing keys',
      'ok signing keys',
      'ok Redis',
      'ok TLS',
      'ok issuer',
      'ok issuer',
    ])
    assert.equal(exitCode, 0)
  })

  it('prints the same as text', async () => {
    const { exitCode, stdout } = await daytonaAuth(['doctor'], { env: { ...WELL, TRUSTED_PROXIES: '' } })
    assert.equal(exitCode, 1)
    assert.match(stdout, /^ok {7}configuration: every variable of api and oidc can be read\n/)
    assert.match(
      stdout,
      /^warning {2}proxies: TRUSTED_PROXIES is empty: all clients behind the proxy are limited as one address\n {9}→ name the network/m,
    )
    assert.match(stdout, /\nerrors: 0, warnings: 1\n$/)
  })

  const table: [what: string, env: Record<string, string>, problems: string[]][] = [
    [
      'registration that is open to anyone',
      { CLIENT_REGISTRATION: 'open' },
      [
        'warning registration: CLIENT_REGISTRATION is open: anyone can register an app, with a name and redirect URIs of their choice',
      ],
    ],
    ['registration with tokens', { CLIENT_REGISTRATION: 'token' }, []],
    [
      'a guessable secret, and a missing one',
      { COOKIE_KEYS: 'changeme'.repeat(4), SIGNING_KEYS_SECRET: '' },
      [
        'error configuration: SIGNING_KEYS_SECRET is required: make one with openssl rand -hex 32, and keep it (oidc)',
        'error configuration: COOKIE_KEYS must be random, not easy to guess (each of the comma-separated secrets): make one with openssl rand -hex 32 (oidc)',
      ],
    ],
    ...['127.0.0.1,0.0.0.0/0', '::/0', '::ffff:0.0.0.0/96'].map(
      (networks): [string, Record<string, string>, string[]] => [
        `trusted proxies that contain every address: ${networks}`,
        { TRUSTED_PROXIES: networks },
        ['error proxies: TRUSTED_PROXIES contains every address: any client can forge its address'],
      ],
    ),
    [
      'a Redis that is not there',
      { REDIS_URL: 'redis://:opensesame@127.0.0.1:1' },
      ['warning Redis: the Redis of REDIS_URL is unavailable (ECONNREFUSED): each process counts alone'],
    ],
    [
      'an audience that the API does not accept',
      { API_AUDIENCE: 'https://other.example.com' },
      [
        `error issuer: the API at ${ISSUER} accepts tokens for ${ISSUER}, but API_AUDIENCE is https://other.example.com`,
      ],
    ],
  ]
  for (const [what, env, expected] of table) {
    it(`finds ${what}`, async () => {
      assert.deepEqual(await problems({ ...WELL, ...env }), expected)
    })
  }

  it('finds a secret that does not decrypt the keys, and old keys', async (t) => {
    const keys = await database.$client<{ kid: string; alg: string }[]>`
      UPDATE signing_keys SET activated_at = now() - interval '100 days 1 hour' RETURNING kid, alg`
    t.after(() => database.$client`UPDATE signing_keys SET activated_at = now()`)
    const found = await problems({ ...WELL, SIGNING_KEYS_SECRET: '9a8b7c6d5e4f30211203f4e5d6c7b8a9' })
    assert.deepEqual(
      found.toSorted(),
      keys
        .flatMap(({ kid, alg }) => [
          `error signing keys: SIGNING_KEYS_SECRET does not open ${kid}`,
          `warning signing keys: ${kid} (${alg}) has signed for 100 days`,
        ])
        .toSorted(),
    )
  })

  it('finds disabled triggers and missing privileges', async (t) => {
    const { username } = new URL(DATABASE_URL)
    const sql = database.$client
    await sql.unsafe(
      `ALTER TABLE api_keys DISABLE TRIGGER notify_change; REVOKE INSERT ON audit_events FROM ${username}`,
    )
    t.after(() =>
      sql.unsafe(`ALTER TABLE api_keys ENABLE TRIGGER notify_change; GRANT INSERT ON audit_events TO ${username}`),
    )
    assert.deepEqual(await problems(WELL), [
      'error privileges: the user of DATABASE_URL lacks INSERT on audit_events',
      'error triggers: triggers that revocation and the audit trail need are disabled: notify_change on api_keys',
    ])
  })

  it('finds missing and invalid indexes, and how to create them', async (t) => {
    const sql = database.$client
    await sql.unsafe(
      `DROP INDEX users_email_key; UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'users_pkey'::regclass`,
    )
    const { findings } = await doctor(WELL)
    const { remedy } = findings.find(({ check }) => check === 'indexes') ?? {}
    assert.match(remedy ?? '', /^create them: CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON public\.users /)
    t.after(() => sql`UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'users_pkey'::regclass`)
    await sql.unsafe(remedy?.replace('create them: ', '') ?? '')
    assert.deepEqual(await problems(WELL), ['warning indexes: indexes are invalid and not used: users_pkey'])
  })

  it('reports an unreachable database once', async () => {
    const env = { ...WELL, DATABASE_URL: `postgres://me:opensesame@127.0.0.1:${await freePort()}/x` }
    assert.deepEqual(await problems(env), ['error database: the database cannot be reached (ECONNREFUSED)'])
  })

  it('finds a database that is not migrated, and a read-only one', async (t) => {
    const bare = await testDatabase(t, { isMigrated: false })
    assert.deepEqual(await problems({ ...WELL, DATABASE_URL: bare.url }), [
      'error migrations: the database of DATABASE_URL is not migrated',
    ])
    const locked = await testDatabase(t)
    await locked.asAdministrator((sql) =>
      sql.unsafe(`ALTER DATABASE ${locked.name} SET default_transaction_read_only = on`),
    )
    assert.deepEqual(await problems({ ...WELL, DATABASE_URL: locked.url }), [
      'error writable: the database of DATABASE_URL is read-only',
      'warning role: the user of DATABASE_URL is a superuser, which neither triggers nor privileges restrict',
      'warning signing keys: there are no keys yet',
    ])
  })

  it('reports a pooler that refuses the settings of a session', { skip: pgbouncerMissing() }, async (t) => {
    assert.deepEqual(await problems({ ...WELL, DATABASE_URL: await pgbouncer(t, DATABASE_URL) }), [
      'error database: a connection pooler is in front of the database of DATABASE_URL and refuses the settings of our sessions',
    ])
  })

  it('finds an untrusted certificate, and one that expires soon', async (t) => {
    const forged = await tlsProxy(t, await certificate(t, 365), () => apiPort)
    assert.deepEqual(await problems({ ...WELL, ISSUER: forged }), [
      `error TLS: clients do not trust the certificate of ${forged} (DEPTH_ZERO_SELF_SIGNED_CERT)`,
    ])
    const ending = await certificate(t, 7)
    setDefaultCACertificates([...getCACertificates('default'), ending.cert])
    const soon = await tlsProxy(t, ending, () => apiPort)
    const [first] = await problems({ ...WELL, ISSUER: soon })
    assert.equal(first, `warning TLS: the certificate of ${soon} is good for 6 days`)
  })

  it('finds an issuer that is unreachable, without TLS, or another server', async (t) => {
    const nowhere = `https://localhost:${await freePort()}`
    assert.deepEqual(await problems({ ...WELL, ISSUER: nowhere }), [
      `error issuer: ${nowhere}/.well-known/openid-configuration cannot be reached (ECONNREFUSED)`,
      `error issuer: ${nowhere}/config cannot be reached (ECONNREFUSED)`,
    ])
    const plain = `http://localhost:${apiPort}`
    assert.deepEqual(await problems({ ...WELL, ISSUER: plain }), [
      `warning cookies: ISSUER is ${plain}: without TLS, cookies are neither Secure nor bound to the host`,
      `error issuer: ${plain}/.well-known/openid-configuration answers 421, but not as the provider does`,
      `error issuer: the API at ${plain} has the issuer ${ISSUER}`,
    ])
    const elsewhere = createServer((_request, response) => response.end('{"issuer":"https://a.example"}')).listen(0)
    await once(elsewhere, 'listening')
    t.after(() => elsewhere.close())
    const other = `http://localhost:${(elsewhere.address() as AddressInfo).port}` // the server listens on a TCP port
    assert.deepEqual((await problems({ ...WELL, ISSUER: other })).slice(1), [
      `error issuer: ${other}/.well-known/openid-configuration answers 200, but not as the provider does`,
      `error issuer: ${other}/config answers 200, but not as the API does`,
    ])
  })

  it('checks a single server, without the secrets of the other', async () => {
    const { SIGNING_KEYS_SECRET, COOKIE_KEYS, ...api } = WELL
    assert.equal((await doctor(api)).errors, 2)
    assert.equal((await doctor(api, '--server', 'api')).exitCode, 0)
  })

  it('exits with 2 for an invalid command line', async () => {
    assert.equal((await daytonaAuth(['doctor', 'now'], { env: WELL })).exitCode, 2)
  })
})
