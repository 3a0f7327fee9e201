import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { createLogger } from '@daytona-auth/service'
import { captureLog, freePort, testDatabase, waitFor } from '@daytona-auth/testing'
import { loadProviderConfig, startProvider } from '../src/index.ts'

const SECRETS = {
  SIGNING_KEYS_SECRET: 'signing keys secret of this test 1',
  COOKIE_KEYS: 'cookie key of this test and long enough',
}

/** Starts a provider that must fail. Returns its output and whether its port was ever open. */
async function failedStart(env: Record<string, string>, now?: () => number) {
  const port = await freePort()
  const config = loadProviderConfig({
    ISSUER: 'https://id.example.com',
    PORT: String(port),
    DATABASE_WAIT: '0s',
    ...SECRETS,
    ...env,
  })
  const logger = createLogger({ service: 'oidc', stream: captureLog().stream })
  const error = await startProvider(config, { logger, ...(now && { now }) }).then(
    async (provider) => provider.close().then(() => assert.fail('it started')),
    (error: unknown) => error,
  )
  assert.ok(error instanceof Error)
  assert.equal(error.name, 'StartupError', `${error.stack}`)
  const socket = connect(port, '127.0.0.1')
  await assert.rejects(once(socket, 'connect'), { code: 'ECONNREFUSED' })
  return error.message
}

describe('a start fails given', () => {
  it('a database without migrations', async (t) => {
    const { url, database } = await testDatabase(t, { isMigrated: false })
    assert.equal(
      await failedStart({ DATABASE_URL: url }),
      'the database of DATABASE_URL is not migrated: run the migration job, daytona-auth migrate',
    )
    const [{ tables } = {}] =
      await database.$client`SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname = 'public'`
    assert.equal(tables, 0)
  })

  it('a read-only database, and a clock that is five minutes ahead', async (t) => {
    const { url, name, asAdministrator } = await testDatabase(t)
    await asAdministrator((sql) => sql.unsafe(`ALTER DATABASE ${name} SET default_transaction_read_only = on`))
    assert.equal(
      await failedStart({ DATABASE_URL: url }, () => Date.now() + 300_000),
      'the database of DATABASE_URL is read-only: switch default_transaction_read_only off for its server, database and user; ' +
        "this machine's clock is 300 s ahead of that of the database of DATABASE_URL: set the clocks of both machines by NTP",
    )
  })

  it('an unreachable database', async () => {
    assert.equal(
      await failedStart({ DATABASE_URL: `postgres://me:opensesame@127.0.0.1:${await freePort()}/x` }),
      'the database cannot be reached (ECONNREFUSED): check that it runs and that DATABASE_URL is right',
    )
  })
})

describe('a start that waits for its database', () => {
  it('is aborted when the process is to stop', async () => {
    const log = captureLog()
    const stopping = new AbortController()
    const DATABASE_URL = `postgres://me@127.0.0.1:${await freePort()}/x`
    const started = startProvider(
      loadProviderConfig({ DATABASE_URL, ISSUER: 'https://id.example.com', DATABASE_WAIT: '1h', ...SECRETS }),
      { logger: createLogger({ service: 'oidc', stream: log.stream }), signal: stopping.signal },
    )
    const ended = assert.rejects(started, { name: 'AbortError' })
    await waitFor(() => log.text().includes('waiting, because this may be temporary'))
    stopping.abort()
    await ended
  })
})
