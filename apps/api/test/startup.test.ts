import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { connectionOptions } from '@daytona-auth/db/core'
import { migrate } from '@daytona-auth/db/operations'
import { createLogger } from '@daytona-auth/service'
import {
  captureLog,
  freePort,
  pgbouncer,
  pgbouncerMissing,
  type Scope,
  testDatabase,
  waitFor,
} from '@daytona-auth/testing'
import { loadApiConfig } from '../src/config.ts'
import { startApi } from '../src/start.ts'
import { ISSUER } from './world.ts'

/** Starts an API that must fail. Returns its message, and checks that it opened no port. */
async function denial(env: Record<string, string>, now?: () => number) {
  const port = await freePort()
  const config = loadApiConfig({ ISSUER, PORT: String(port), DATABASE_WAIT: '0s', ...env })
  const logger = createLogger({ service: 'api', stream: captureLog().stream })
  const error = await startApi(config, { logger, ...(now && { now }) }).then(
    async (api) => api.close().then(() => assert.fail('it started')),
    (error: unknown) => error,
  )
  assert.ok(error instanceof Error)
  assert.equal(error.name, 'StartupError', `${error.stack}`)
  const socket = connect(port, '127.0.0.1')
  await assert.rejects(once(socket, 'connect'), { code: 'ECONNREFUSED' })
  return error.message
}

async function takenPort(scope: Scope): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.after(() => server.close())
  return (server.address() as AddressInfo).port // it listens on TCP
}

/** The startup parameters of a connection, which PgBouncer drops if its configuration lists them. */
const SETTINGS = Object.keys(connectionOptions('postgres://localhost/x', { applicationName: 'x' }).connection ?? {})

describe('a failed startup', () => {
  it('a database that is not migrated', async (t) => {
    const { url } = await testDatabase(t, { isMigrated: false })
    assert.equal(
      await denial({ DATABASE_URL: url }),
      'the database of DATABASE_URL is not migrated: run the migration job, daytona-auth migrate',
    )
  })

  it('a read-only database', async (t) => {
    const { url, name, asAdministrator } = await testDatabase(t)
    await asAdministrator((sql) => sql.unsafe(`ALTER DATABASE ${name} SET default_transaction_read_only = on`))
    assert.equal(
      await denial({ DATABASE_URL: url }),
      'the database of DATABASE_URL is read-only: switch default_transaction_read_only off for its server, database and user',
    )
  })

  it('a wrong database password', async (t) => {
    const url = new URL((await testDatabase(t)).url)
    url.password = 'opensesame'
    assert.equal(
      await denial({ DATABASE_URL: url.href }),
      'the database refused the user or password of DATABASE_URL: correct them, or let the user in (pg_hba.conf)',
    )
  })

  it('a database that does not exist', async (t) => {
    const url = new URL((await testDatabase(t)).url)
    url.pathname = '/nowhere'
    assert.equal(
      await denial({ DATABASE_URL: url.href }),
      'the database of DATABASE_URL does not exist: create it, or correct the name',
    )
  })

  it('a clock that is five minutes behind', async (t) => {
    const { url } = await testDatabase(t)
    assert.equal(
      await denial({ DATABASE_URL: url }, () => Date.now() - 300_000),
      "this machine's clock is 300 s behind that of the database of DATABASE_URL: set the clocks of both machines by NTP",
    )
  })

  it('PgBouncer in transaction mode, which refuses or drops our settings', {
    skip: pgbouncerMissing(),
  }, async (t) => {
    const { serverUrls } = await testDatabase(t)
    for (const [ignored, line] of [
      [
        [],
        'a connection pooler is in front of the database of DATABASE_URL and refuses the settings of our sessions: name the database itself in DATABASE_URL',
      ],
      [
        SETTINGS,
        'a pooler in transaction mode is in front of the database of DATABASE_URL: it loses settings, prepared statements and LISTEN: name the database itself in DATABASE_URL, or a pooler in session mode',
      ],
    ] as const) {
      const DATABASE_URL = await pgbouncer(t, serverUrls.api, { ignored })
      const env = { PATH: process.env['PATH'], DATABASE_URL, ISSUER, PORT: '0', DATABASE_WAIT: '0s' }
      const child = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url))], { env })
      t.after(() => child.kill('SIGKILL'))
      let said = ''
      child.stderr.setEncoding('utf8').on('data', (text) => {
        said += text
      })
      let logged = ''
      child.stdout.setEncoding('utf8').on('data', (text) => {
        logged += text
      })
      const [code] = await once(child, 'close')
      assert.equal(code, 1)
      assert.ok(`${said}${logged}`.includes(line), `${said}${logged}`)
      assert.ok(!logged.includes('"url"'))
    }
  })

  it('a metrics port in use, before the main port is opened', async (t) => {
    const { url } = await testDatabase(t)
    const taken = await takenPort(t)
    assert.equal(
      await denial({ DATABASE_URL: url, METRICS_PORT: String(taken) }),
      `port ${taken} is in use: stop the process that listens there, or choose another with METRICS_PORT`,
    )
  })
})

describe('startup before the database is ready', () => {
  it('waits, and listens once it is migrated', async (t) => {
    const { url } = await testDatabase(t, { isMigrated: false })
    const log = captureLog()
    const started = startApi(loadApiConfig({ ISSUER, PORT: '0', DATABASE_URL: url }), {
      logger: createLogger({ service: 'api', stream: log.stream }),
    })
    await waitFor(() =>
      log.text().includes('waiting, because this may be temporary: the database of DATABASE_URL is not migrated'),
    )
    await migrate(url)
    const api = await started
    t.after(() => api.close())
    await waitFor(async () => (await fetch(`${api.url}/health/ready`)).ok)
  })
})
