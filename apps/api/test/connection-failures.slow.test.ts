import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { migrate } from '@daytona-auth/db/operations'
import { createLogger, describeStartupError } from '@daytona-auth/service'
import {
  type CertificateAuthority,
  captureLog,
  certificateAuthority,
  freePort,
  opensslMissing,
  type PostgresServer,
  postgresServer,
  type Scope,
} from '@daytona-auth/testing'
import { loadApiConfig } from '../src/config.ts'
import { startApi } from '../src/start.ts'
import { ISSUER } from './world.ts'

const SECRET = 'opensesame'

describe('an API that cannot connect or listen', { skip: opensslMissing() }, () => {
  const tidyUps: (() => unknown)[] = []
  const scope: Scope = { after: (tidyUp) => tidyUps.unshift(tidyUp) }
  let secured: PostgresServer
  let unsecured: PostgresServer
  let authority: CertificateAuthority
  let other: CertificateAuthority
  let closed: number

  before(async () => {
    secured = await postgresServer(scope)
    unsecured = await postgresServer(scope)
    authority = await certificateAuthority(scope, 'The authority')
    other = await certificateAuthority(scope, 'Another authority')
    closed = await freePort()
    const tls = { ...(await authority.issue('db', ['IP:127.0.0.1'])), clientCa: authority.root }
    await secured.configure({
      tls,
      access: ['hostssl all certified all scram-sha-256 clientcert=verify-ca', 'host all certified all reject'],
    })
    await secured.sql.unsafe(`CREATE ROLE certified LOGIN PASSWORD '${SECRET}'`)
    await migrate(unsecured.url)
  })
  after(async () => {
    for (const tidyUp of tidyUps) await tidyUp()
  })

  /** Returns the line that is printed if the API does not start. */
  async function lineOf(variables: Readonly<Record<string, string>>): Promise<string> {
    const logger = createLogger({ service: 'api', stream: captureLog().stream })
    try {
      const config = loadApiConfig({ ISSUER, PORT: '0', DATABASE_WAIT: '0s', ...variables })
      const api = await startApi(config, { logger })
      await api.close()
      return 'started'
    } catch (error) {
      return describeStartupError(error)
    }
  }

  const url = (server: PostgresServer, query = '', host = '127.0.0.1', userinfo = `postgres:${server.password}`) =>
    `postgres://${userinfo}@${host}:${server.port}/postgres?${query}`
  const certified = () => `certified:${SECRET}`

  const DATABASE: readonly (readonly [what: string, url: () => string, line: string | RegExp])[] = [
    [
      'a server without TLS',
      () => url(unsecured, 'sslmode=require'),
      'TLS with the database of DATABASE_URL failed: the server does not support it: correct sslmode, sslrootcert or the server',
    ],
    [
      'a certificate of an unknown authority',
      () => url(secured, `sslmode=verify-full&sslrootcert=${other.root}`),
      'TLS with the database of DATABASE_URL failed: the certificate of the server is from an authority that sslrootcert does not name: correct sslmode, sslrootcert or the server',
    ],
    [
      'a certificate for another host',
      () => url(secured, `sslmode=verify-full&sslrootcert=${authority.root}`, '[::1]'),
      'TLS with the database of DATABASE_URL failed: the certificate of the server is for another host: correct sslmode, sslrootcert or the server',
    ],
    [
      'a missing client certificate',
      () => url(secured, 'sslmode=require', '127.0.0.1', certified()),
      'the database requires a valid client certificate for the user of DATABASE_URL: add sslcert and sslkey to DATABASE_URL, or correct them',
    ],
    [
      'a user that pg_hba.conf refuses without TLS',
      () => url(secured, 'sslmode=disable', '127.0.0.1', certified()),
      'pg_hba.conf of the server refuses the user, host and database of DATABASE_URL without TLS: correct pg_hba.conf, or sslmode',
    ],
    [
      'a file of certificates that is missing',
      () => url(secured, 'sslmode=verify-full&sslrootcert=/nowhere'),
      'sslrootcert in DATABASE_URL names a file that cannot be read (ENOENT)',
    ],
    [
      'a wrong password',
      () => url(unsecured, '', '127.0.0.1', `postgres:${SECRET}`),
      'the database refused the user or password of DATABASE_URL: correct them, or let the user in (pg_hba.conf)',
    ],
    [
      'a host that cannot be resolved',
      () => url(unsecured, '', 'nowhere.invalid'),
      /^the (?:host of DATABASE_URL cannot be resolved \(ENOTFOUND\)|database cannot be reached \(EAI_AGAIN\)): .*(?:name|DATABASE_URL)/,
    ],
    [
      'a closed port',
      () => `postgres://me:${SECRET}@[::1]:${closed}/d`,
      'the database cannot be reached (ECONNREFUSED): check that it runs and that DATABASE_URL is right',
    ],
    [
      'a missing Unix socket',
      () => `postgres://me:${SECRET}@%2Fnowhere/d`,
      'the database cannot be reached (ENOENT): check that it runs and that DATABASE_URL is right',
    ],
    [
      'hosts of which none is a standby',
      () => `${unsecured.url}?target_session_attrs=standby`,
      'the hosts of DATABASE_URL answer, and no host is standby, as is required where target_session_attrs in DATABASE_URL is given: correct target_session_attrs or the hosts',
    ],
    [
      'a database that does not exist',
      () => unsecured.url.replace(/postgres$/, 'nowhere'),
      'the database of DATABASE_URL does not exist: create it, or correct the name',
    ],
    [
      'a parameter that the driver cannot obey',
      () => url(unsecured, 'channel_binding=require'),
      'channel_binding in DATABASE_URL asks for what the database driver cannot do: remove it',
    ],
    [
      'a text that is no connection string',
      () => `postgres://me:${SECRET}@/x@h/d`,
      /^(?:invalid environment: )?DATABASE_URL /,
    ],
  ]
  for (const [what, text, expected] of DATABASE) {
    it(`prints one line about ${what}`, async () => {
      const line = await lineOf({ DATABASE_URL: text() })
      if (typeof expected === 'string') assert.equal(line, expected)
      else assert.match(line, expected)
      for (const secret of [SECRET, secured.password, unsecured.password, '\n']) assert.ok(!line.includes(secret), line)
    })
  }

  const NO_ADDRESS = /^this machine does not have the address \S+: set HOST to one that it has/
  for (const [host, expected] of [
    ['nowhere.invalid', /^HOST cannot be resolved \((?:ENOTFOUND|EAI_AGAIN)\): set it to an address of this machine/],
    ['[::1]', /^HOST cannot be resolved \((?:ENOTFOUND|EAI_AGAIN)\): .*\(without brackets\)$/],
    ['192.0.2.1', NO_ADDRESS],
    ['2001:db8::1', NO_ADDRESS],
    ['::1', /^started$/],
  ] as const) {
    it(`prints one line about HOST=${host}, or starts`, async () => {
      assert.match(await lineOf({ DATABASE_URL: unsecured.url, HOST: host }), expected)
    })
  }
})
