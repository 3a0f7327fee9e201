import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { freePort, testDatabase } from '@daytona-auth/testing'

const ISSUER = 'https://api.example.com'
const SECRETS = {
  SIGNING_KEYS_SECRET: 'd2f5a0b14c8e937f6a1b0c9d8e7f2a3b',
  COOKIE_KEYS: '0f1e2d3c4b5a69788796a5b4c3d2e1f1',
}

/** Runs a server's process until it ends. Returns its exit code and its standard error. */
async function runServer(app: 'api' | 'oidc', env: Record<string, string>) {
  const main = join(import.meta.dirname, `../../${app}/src/main.ts`)
  const child = spawn(process.execPath, ['--import', join(import.meta.dirname, 'preload.ts'), main], {
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 30_000,
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  return { code, stderr }
}

const { url } = await testDatabase({ after })
// Neither migrated nor writable, and too old.
const unfit = await testDatabase({ after }, { isMigrated: false })
await unfit.asAdministrator((sql) => sql.unsafe(`ALTER DATABASE ${unfit.name} SET default_transaction_read_only = on`))
const old = await startOlderVersionProxy(unfit.url)
const gone = `postgres://me:opensesame@127.0.0.1:${await freePort()}/x`
const taken = await startServer((socket) => socket.destroy())

const DATABASE = 'the database of DATABASE_URL'
const RANDOM = 'make one with openssl rand -hex 32'

const VALID = { DATABASE_URL: url, ISSUER, DATABASE_WAIT: '0s', ...SECRETS }
const table: [what: string, env: Record<string, string>, expected: string | { api: string; oidc: string }][] = [
  [
    'missing variables',
    { DATABASE_URL: '', ISSUER: '', SIGNING_KEYS_SECRET: '', COOKIE_KEYS: '' },
    {
      api: 'invalid environment: DATABASE_URL is required, such as postgres://user:password@host:5432/database; ISSUER is required, such as https://api.example.com',
      oidc: `invalid environment: DATABASE_URL is required, such as postgres://user:password@host:5432/database; ISSUER is required, such as https://api.example.com; SIGNING_KEYS_SECRET is required: ${RANDOM}, and keep it; COOKIE_KEYS is required: ${RANDOM}, and keep it`,
    },
  ],
  [
    'an issuer that is not an origin, and secrets that are a default, malformed or too short',
    {
      ISSUER: `${ISSUER}/auth`,
      RESOURCE_SECRETS_KEY: 'changeme'.repeat(4),
      SIGNING_KEYS_SECRET: `${SECRETS.SIGNING_KEYS_SECRET},`,
      COOKIE_KEYS: 'opensesame',
    },
    {
      api: `invalid environment: ISSUER must be an origin such as https://api.example.com, without path or trailing slash; RESOURCE_SECRETS_KEY must be random, not easy to guess (each of the comma-separated secrets): ${RANDOM}`,
      oidc: `invalid environment: ISSUER must be an origin such as https://api.example.com, without path or trailing slash; SIGNING_KEYS_SECRET must be a comma-separated list without empty items; COOKIE_KEYS must have 32 characters or more (each of the comma-separated secrets): ${RANDOM}; RESOURCE_SECRETS_KEY must be random, not easy to guess (each of the comma-separated secrets): ${RANDOM}`,
    },
  ],
  [
    'a database that is too old, read-only and not migrated, and a clock that is five minutes off',
    { DATABASE_URL: old, TEST_CLOCK_AHEAD_MS: '300000' },
    `${DATABASE} is PostgreSQL 14.4: upgrade it to 15 or later; ` +
      `${DATABASE} is read-only: switch default_transaction_read_only off for its server, database and user; ` +
      `${DATABASE} is not migrated: run the migration job, daytona-auth migrate; ` +
      `this machine's clock is 300 s ahead of that of ${DATABASE}: set the clocks of both machines by NTP`,
  ],
  [
    'a database that cannot be reached',
    { DATABASE_URL: gone },
    'the database cannot be reached (ECONNREFUSED): check that it runs and that DATABASE_URL is right',
  ],
  [
    'a port that is taken',
    { PORT: String(taken) },
    `port ${taken} is in use: stop the process that listens there, or choose another with PORT`,
  ],
]

describe('a server exits with code 1, prints one line and opens no port, given', { concurrency: 2 }, () => {
  for (const [what, env, expected] of table) {
    for (const app of ['api', 'oidc'] as const) {
      it(`${what} (${app})`, async () => {
        const line = typeof expected === 'string' ? expected : expected[app]
        const { code, stderr } = await runServer(app, { ...VALID, ...env })
        const lines = stderr.split('\n')
        assert.deepEqual([code, ...lines], [1, line, ''])
      })
    }
  }
})

/** Starts a proxy to a PostgreSQL that replaces the version in its responses with 14.4. */
async function startOlderVersionProxy(target: string): Promise<string> {
  const { hostname, port } = new URL(target)
  const proxy = await startServer((client) => {
    const server = connect(Number(port), hostname)
    client.pipe(server)
    server.on('data', (chunk) => {
      const text = chunk.toString('latin1')
      client.write(text.replaceAll('180004', '140004').replaceAll('18.4', '14.4'), 'latin1')
    })
    server.on('close', () => client.destroy())
    for (const socket of [client, server]) socket.on('error', () => {})
  })
  const older = new URL(target)
  older.host = `127.0.0.1:${proxy}`
  return older.href
}

async function startServer(serve: Parameters<typeof createServer>[1]): Promise<number> {
  const server = createServer(serve).listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => server.close())
  return (server.address() as AddressInfo).port // a TCP port is what was listened on
}
