import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { rootCertificates } from 'node:tls'
import { connectionOptions } from '../src/core/connection.ts'
import { parseConnectionString } from '../src/core/connection-string.ts'
import { readTls } from '../src/core/connection-tls.ts'

const parse = (text: string, environment = {}) => {
  const { hosts, parameters } = parseConnectionString(text, environment)
  return { hosts: hosts.map(({ host, port }) => `${host} ${port}`), ...Object.fromEntries(parameters) }
}
const SECRET = 'opensesame'

describe('a connection string', () => {
  for (const [text, expected, environment = {}] of [
    ['postgres://', { hosts: ['localhost 5432'] }],
    ['postgres:///daytona', { hosts: ['localhost 5432'], dbname: 'daytona' }],
    ['postgresql://me@/daytona', { hosts: ['localhost 5432'], user: 'me', dbname: 'daytona' }],
    ['postgres://[::1]:5433/d', { hosts: ['::1 5433'], host: '::1', port: '5433', dbname: 'd' }],
    ['postgres://[2001:db8::7]/d', { hosts: ['2001:db8::7 5432'], host: '2001:db8::7', dbname: 'd' }],
    [
      'postgres:///d?host=/var/run/postgresql',
      { hosts: ['/var/run/postgresql 5432'], host: '/var/run/postgresql', dbname: 'd' },
    ],
    ['postgres://%2Fvar%2Frun/d?port=6543', { hosts: ['/var/run 6543'], host: '/var/run', port: '6543', dbname: 'd' }],
    ['postgres://db.example/d?host=%2Ftmp', { hosts: ['/tmp 5432'], host: '/tmp', dbname: 'd' }],
    [
      'postgres://m%40e:p%2Fw%3A%25%3F%23@h/d%20b',
      { hosts: ['h 5432'], user: 'm@e', password: 'p/w:%?#', host: 'h', dbname: 'd b' },
    ],
    ['postgres://me:a:b@h/d', { hosts: ['h 5432'], user: 'me', password: 'a:b', host: 'h', dbname: 'd' }],
    [
      'postgres://a:1,[::1]:2,c/d?target_session_attrs=primary',
      {
        hosts: ['a 1', '::1 2', 'c 5432'],
        host: 'a,::1,c',
        port: '1,2,',
        dbname: 'd',
        target_session_attrs: 'primary',
      },
    ],
    ['postgres://a,b/d?port=7', { hosts: ['a 7', 'b 7'], host: 'a,b', port: '7', dbname: 'd' }],
    ['postgres://h/d?ssl=true', { hosts: ['h 5432'], host: 'h', dbname: 'd', sslmode: 'require' }],
    [
      'postgres://h/d?options=-c%20work_mem%3D8MB&connect_timeout=3&application_name=me',
      {
        hosts: ['h 5432'],
        host: 'h',
        dbname: 'd',
        options: '-c work_mem=8MB',
        connect_timeout: '3',
        application_name: 'me',
      },
    ],
    [
      'postgres:///d',
      {
        hosts: ['db 6432'],
        host: 'db',
        port: '6432',
        dbname: 'd',
        user: 'u',
        password: SECRET,
        sslmode: 'require',
        options: '-c a=b',
        application_name: 'app',
        connect_timeout: '9',
        target_session_attrs: 'primary',
        channel_binding: 'prefer',
        sslrootcert: '/ca',
      },
      {
        PGHOST: 'db',
        PGPORT: '6432',
        PGDATABASE: 'other',
        PGUSER: 'u',
        PGPASSWORD: SECRET,
        PGSSLMODE: 'require',
        PGOPTIONS: '-c a=b',
        PGAPPNAME: 'app',
        PGCONNECT_TIMEOUT: '9',
        PGTARGETSESSIONATTRS: 'primary',
        PGCHANNELBINDING: 'prefer',
        PGSSLROOTCERT: '/ca',
        PGPASSFILE: '/pgpass',
      },
    ],
  ] as const) {
    it(`${text} is parsed as by libpq`, () => {
      assert.deepEqual(parse(text, environment), expected)
    })
  }

  for (const [text, message, environment = {}] of [
    ['mysql://h/d', /^DATABASE_URL must be a URL such as postgres:/],
    [`postgres://me:${SECRET}#x@h/d`, /^DATABASE_URL must be a URL .* percent-encoded$/],
    [`postgres://me:${SECRET}/x@h/d`, /^DATABASE_URL must be a URL .* percent-encoded$/],
    [`postgres://me:${SECRET}?x@h/d`, /^DATABASE_URL must be a URL .* percent-encoded$/],
    [`postgres://me:${SECRET}%zz@h/d`, /^DATABASE_URL has a % that encodes no character$/],
    ['postgres://::1/d', /^DATABASE_URL has a host that cannot be read: /],
    ['postgres://h:99999/d', /^port in DATABASE_URL must be from 1 to 65535$/],
    ['postgres:///d', /^PGPORT must be from 1 to 65535$/, { PGPORT: 'x' }],
    ['postgres://a,b/d?port=1,2,3', /^port in DATABASE_URL has 3 ports for 2 hosts/],
    ['postgres://h/d?search_path=x', /^DATABASE_URL has the parameter search_path, which PostgreSQL does not define: /],
    [`postgres://h/d?p%20${SECRET}=x`, /^DATABASE_URL has a parameter, which PostgreSQL does not define: /],
    ['postgres://h/d?sslmode', /^DATABASE_URL has a query that is not made of name=value$/],
    ['postgres://h/d?hostaddr=1.2.3.4', /^hostaddr in DATABASE_URL asks for what the database driver cannot do/],
    ['postgres://h/d?channel_binding=require', /^channel_binding in DATABASE_URL asks for what/],
    ['postgres://h/d', /^PGCHANNELBINDING asks for what/, { PGCHANNELBINDING: 'require' }],
    ['postgres://h/d?gssencmode=require', /^gssencmode in DATABASE_URL asks for what/],
    ['postgres://h/d?require_auth=scram-sha-256', /^require_auth in DATABASE_URL asks for what/],
    ['postgres://h/d?service=prod', /^service in DATABASE_URL asks for what/],
    ['postgres://h/d', /^PGPASSFILE asks for what/, { PGPASSFILE: '/pgpass' }],
    ['postgres://h/d?keepalives=0', /^keepalives in DATABASE_URL asks for what/],
  ] as const) {
    it(`${text} is refused with the parameter's name ${Object.keys(environment)}`, () => {
      assert.throws(
        () => parse(text, environment),
        (error: Error) => message.test(error.message) && !error.message.includes(SECRET),
      )
    })
  }
})

describe('sslmode', () => {
  const tls = (query: string) => {
    const { need, isDirect, options } = readTls(parseConnectionString(`postgres://h/d?${query}`, {}))
    const checksName = options.checkServerIdentity === undefined
    return [need, isDirect, options.rejectUnauthorized, options.rejectUnauthorized && checksName]
  }
  const directory = mkdtempSync(join(tmpdir(), 'daytona-auth-tls-'))
  after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'root.crt')
  writeFileSync(file, rootCertificates[0] ?? '')
  const key = join(directory, 'client.key')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const encrypted = join(directory, 'encrypted.key')
  const cipher = 'aes-256-cbc'
  writeFileSync(encrypted, privateKey.export({ type: 'pkcs8', format: 'pem', cipher, passphrase: SECRET }))
  const other = import.meta.filename
  for (const [query, expected] of [
    ['', ['prefer', false, false, false]],
    ['sslmode=disable', ['never', false, false, false]],
    ['sslmode=allow', ['prefer', false, false, false]],
    ['sslmode=prefer', ['prefer', false, false, false]],
    ['sslmode=require', ['always', false, false, false]],
    [`sslmode=require&sslrootcert=${file}`, ['always', false, true, false]],
    [`sslmode=verify-ca&sslrootcert=${file}`, ['always', false, true, false]],
    ['sslmode=verify-full', ['always', false, true, true]],
    ['sslrootcert=system', ['always', false, true, true]],
    ['sslmode=require&sslnegotiation=direct', ['always', true, false, false]],
  ] as const) {
    it(`${query || 'left out'} is ${expected}`, () => assert.deepEqual(tls(query), expected))
  }
  for (const [query, message] of [
    ['sslmode=no-verify', 'sslmode in DATABASE_URL must be disable, allow, prefer, require, verify-ca or verify-full'],
    [
      'sslmode=verify-ca',
      'sslmode in DATABASE_URL is verify-ca, which needs sslrootcert; verify-full works with public authorities',
    ],
    [
      'sslmode=verify-full&sslrootcert=/nowhere',
      'sslrootcert in DATABASE_URL names a file that cannot be read (ENOENT)',
    ],
    [`sslcert=${file}`, 'sslcert in DATABASE_URL needs sslkey beside it'],
    [
      'sslnegotiation=direct',
      'sslnegotiation in DATABASE_URL is direct, which needs sslmode=require, verify-ca or verify-full',
    ],
    [
      'ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2',
      'ssl_min_protocol_version in DATABASE_URL is above ssl_max_protocol_version',
    ],
    [`sslrootcert=${other}`, 'sslrootcert in DATABASE_URL names a file that does not hold a certificate as PEM'],
    [`sslcert=${other}&sslkey=${key}`, 'sslcert in DATABASE_URL names a file that does not hold a certificate as PEM'],
    [
      `sslcert=${file}&sslkey=${other}`,
      'sslkey in DATABASE_URL names a file that does not hold a private key without a password as PEM',
    ],
    [
      `sslcert=${file}&sslkey=${encrypted}`,
      'sslkey in DATABASE_URL names a file that does not hold a private key without a password as PEM',
    ],
    [
      `sslcert=${file}&sslkey=${encrypted}&sslpassword=wrong`,
      'sslkey in DATABASE_URL names a file that does not hold a private key that sslpassword decrypts as PEM',
    ],
    [`sslcert=${file}&sslkey=${key}`, 'sslkey in DATABASE_URL names a key that is not that of sslcert'],
    [
      `sslcert=${file}&sslkey=${encrypted}&sslpassword=${SECRET}`,
      'sslkey in DATABASE_URL names a key that is not that of sslcert',
    ],
    [`sslcrl=${other}`, 'sslcrl in DATABASE_URL names a file that does not hold a certificate revocation list as PEM'],
    ['ssl_min_protocol_version=SSLv3', 'ssl_min_protocol_version in DATABASE_URL must be TLSv1.2 or TLSv1.3'],
  ] as const) {
    it(`${query} is refused with the parameter's name`, () => {
      assert.throws(() => tls(query), { name: 'ConnectionStringError', message })
    })
  }
})

describe('the options of a connection', () => {
  for (const [query, message] of [
    ['connect_timeout=0', 'connect_timeout in DATABASE_URL must be from 1 to 600'],
    ['connect_timeout=1e3', 'connect_timeout in DATABASE_URL must be from 1 to 600'],
    [
      'target_session_attrs=master',
      'target_session_attrs in DATABASE_URL must be one of any, read-write, read-only, primary, standby, prefer-standby',
    ],
  ] as const) {
    it(`refuse ${query} with the parameter's name`, () => {
      const url = `postgres://h/d?${query}`
      assert.throws(() => connectionOptions(url, { applicationName: 'test' }), {
        name: 'ConnectionStringError',
        message,
      })
    })
  }
})
