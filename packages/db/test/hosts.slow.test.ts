import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { freePort, type PostgresServer, postgresServer, type Scope, standbyOf } from '@daytona-auth/testing'
import { openChannel } from '../src/core/channel.ts'
import { connect } from '../src/core/client.ts'

const tidyUps: (() => unknown)[] = []
const scope: Scope = { after: (tidyUp) => tidyUps.unshift(tidyUp) }
let primary: PostgresServer
let standby: PostgresServer

before(async () => {
  primary = await postgresServer(scope)
  await primary.sql.unsafe(`CREATE ROLE "m@e/x" LOGIN PASSWORD 'p/w:%?#&'`)
  await primary.sql.unsafe('CREATE DATABASE "d b/100%"')
  await primary.configure({ access: ['local all all scram-sha-256'] })
  standby = await standbyOf(scope, primary)
})
after(async () => {
  for (const tidyUp of tidyUps) await tidyUp()
})

/** Runs a statement on a connection to `url`, and returns its result or the failure. */
async function ask(url: string, statement: string): Promise<unknown> {
  const { $client: sql } = connect(url, { max: 1 })
  try {
    const [row] = await sql.unsafe<{ answer: unknown }[]>(statement)
    return row?.answer
  } catch (error) {
    return error
  } finally {
    await sql.end({ timeout: 1 })
  }
}

const codeOf = (failure: unknown) => (failure instanceof Error && 'code' in failure ? failure.code : failure)

/** Starts a server that accepts connections and sends nothing. */
async function silentServer(scope: Scope) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    socket.resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, accepted: () => sockets.length } // it listens on TCP
}

const ADDRESS = `SELECT coalesce(host(inet_server_addr()), 'socket') AS answer`

describe('a connection string is used as libpq uses it', () => {
  const user = () => `postgres:${primary.password}`
  const socket = () => encodeURIComponent(primary.socketDirectory)
  const STRINGS: readonly (readonly [what: string, url: () => string, address: string])[] = [
    ['an IPv4 address', () => `postgres://${user()}@127.0.0.1:${primary.port}/postgres`, '127.0.0.1'],
    ['an IPv6 address', () => `postgres://${user()}@[::1]:${primary.port}/postgres`, '::1'],
    ['an encoded directory', () => `postgres://${user()}@${socket()}:${primary.port}/postgres`, 'socket'],
    ['a directory as host=', () => `postgres://${user()}@/postgres?host=${socket()}&port=${primary.port}`, 'socket'],
    [
      'a directory as host=, beside a host that it overrides',
      () => `postgres://${user()}@192.0.2.1/postgres?host=${primary.socketDirectory}&port=${primary.port}`,
      'socket',
    ],
    [
      'user and password in the query',
      () => `postgres://[::1]/postgres?user=postgres&password=${primary.password}&port=${primary.port}`,
      '::1',
    ],
    [
      'several hosts, the first one closed',
      () => `postgres://${user()}@127.0.0.1:1,[::1]:${primary.port}/postgres`,
      '::1',
    ],
    [
      'several hosts, the first one unresolvable',
      () => `postgres://${user()}@nowhere.invalid,[::1]/postgres?port=${primary.port}&target_session_attrs=any`,
      '::1',
    ],
  ]
  for (const [what, url, address] of STRINGS) {
    it(what, async () => assert.equal(await ask(url(), ADDRESS), address))
  }

  it('percent-encoded names and passwords', async () => {
    const userinfo = `${encodeURIComponent('m@e/x')}:${encodeURIComponent('p/w:%?#&')}`
    const url = `postgres://${userinfo}@127.0.0.1:${primary.port}/${encodeURIComponent('d b/100%')}`
    assert.equal(await ask(url, `SELECT current_user || ' ' || current_database() AS answer`), 'm@e/x d b/100%')
  })

  it('application_name and options, which do not override our session settings', async () => {
    const options = encodeURIComponent('-c work_mem=7MB -c DateStyle=German')
    const url = `${primary.url}?application_name=mine&options=${options}`
    const statement = `SELECT concat_ws('; ', current_setting('application_name'), current_setting('work_mem'), current_setting('DateStyle')) AS answer`
    assert.equal(await ask(url, statement), 'mine; 7MB; ISO, MDY')
  })

  it('a missing socket is a failure of the connection', async () => {
    const url = `postgres://${user()}@/postgres?host=/nowhere`
    assert.equal(codeOf(await ask(url, ADDRESS)), 'ENOENT')
  })

  it('a wrong password is a denial', async () => {
    const url = `postgres://postgres:wrong@127.0.0.1:${primary.port}/postgres`
    assert.equal(codeOf(await ask(url, ADDRESS)), '28P01')
  })

  it('connect_timeout ends an attempt, and the next host is tried', async (t) => {
    const silent = await silentServer(t)
    const url = `postgres://${user()}@127.0.0.1:${silent.port}/postgres`
    const ended: number[] = []
    const attempt = async (seconds: number) => {
      assert.equal(codeOf(await ask(`${url}?connect_timeout=${seconds}`, ADDRESS)), 'CONNECT_TIMEOUT')
      ended.push(seconds)
    }
    // With one timeout for both, they would end in the order of their begin.
    await Promise.all([attempt(2), attempt(1)])
    assert.deepEqual(ended, [1, 2])
    const both = `postgres://${user()}@127.0.0.1:${silent.port},[::1]:${primary.port}/postgres?connect_timeout=1&target_session_attrs=any`
    assert.equal(await ask(both, ADDRESS), '::1')
  })

  it('a silent host does not delay the one that is the primary by connect_timeout', async (t) => {
    const silent = await silentServer(t)
    const url = `postgres://${user()}@127.0.0.1:${silent.port},[::1]:${primary.port}/postgres?connect_timeout=600`
    assert.equal(await ask(url, ADDRESS), '::1')
    assert.equal(silent.accepted(), 1)
  })

  for (const parameter of [
    'channel_binding=require',
    'require_auth=scram-sha-256',
    'gssencmode=require',
    'hostaddr=127.0.0.1',
    'load_balance_hosts=random',
    'requirepeer=postgres',
    'sslmode=verify-ca',
    'sslrootcert=/nowhere&sslmode=verify-full',
    'target_session_attrs=master',
    'unheard_of=1',
  ]) {
    it(`${parameter} is refused with its name before a connection is opened`, async (t) => {
      const { port, accepted } = await silentServer(t)
      const url = `postgres://127.0.0.1:${port}/d?${parameter}`
      const name = new RegExp(
        `^(?:the parameter )?${parameter.split('=')[0]} |DATABASE_URL has the parameter unheard_of`,
      )
      const refused = { name: 'ConnectionStringError', message: name }
      assert.throws(() => connect(url), refused)
      assert.throws(() => openChannel({ url }), refused)
      assert.equal(accepted(), 0)
    })
  }
})

describe('the environment', () => {
  const set = (t: Scope, variables: Readonly<Record<string, string>>) => {
    for (const [name, value] of Object.entries(variables)) {
      const before = process.env[name]
      process.env[name] = value
      t.after(() => {
        if (before === undefined) delete process.env[name]
        else process.env[name] = before
      })
    }
  }

  it('is used for parameters that the connection string lacks', async (t) => {
    set(t, {
      PGHOST: '::1',
      PGPORT: String(primary.port),
      PGUSER: 'm@e/x',
      PGPASSWORD: 'p/w:%?#&',
      PGDATABASE: 'd b/100%',
      PGAPPNAME: 'from the environment',
      PGOPTIONS: '-c work_mem=7MB',
      PGSSLMODE: 'prefer',
      PGTARGETSESSIONATTRS: 'primary',
      PGCONNECT_TIMEOUT: '4',
    })
    const statement = `SELECT concat_ws('; ', host(inet_server_addr()), current_user, current_database(),
      current_setting('application_name'), current_setting('work_mem')) AS answer`
    assert.equal(await ask('postgres://', statement), '::1; m@e/x; d b/100%; from the environment; 7MB')
    assert.equal(
      await ask(`${primary.url}?application_name=mine`, statement),
      '127.0.0.1; postgres; postgres; mine; 7MB',
    )
  })

  for (const [name, value, code] of [
    ['PGSSLMODE', 'require', 'DATABASE_TLS'],
    ['PGTARGETSESSIONATTRS', 'standby', 'UNSUITABLE_HOST'],
  ] as const) {
    it(`${name}=${value} is used if the string lacks it`, async (t) => {
      set(t, { [name]: value })
      assert.equal(codeOf(await ask(primary.url, ADDRESS)), code)
    })
  }

  for (const [name, value] of [
    ['PGSSLMODE', 'no-verify'],
    ['PGTARGETSESSIONATTRS', 'master'],
    ['PGCHANNELBINDING', 'require'],
    ['PGCONNECT_TIMEOUT', '-1'],
    ['PGSERVICE', 'production'],
    ['PGSSLROOTCERT', '/nowhere'],
  ] as const) {
    it(`${name}=${value} is refused with its name`, (t) => {
      set(t, { [name]: value })
      assert.throws(() => connect(primary.url), { name: 'ConnectionStringError', message: new RegExp(`^${name} `) })
    })
  }

  // The driver reads variables that libpq does not define, and refuses values that libpq defines.
  for (const [name, value] of [
    ['PGTARGETSESSIONATTRS', 'any'],
    ['PGTARGET_SESSION_ATTRS', 'standby'],
    ['PGUSERNAME', 'nobody'],
    ['PGSSL', 'require'],
    ['PGMAX', '0'],
    ['PGMAX_PIPELINE', '-1'],
    ['PGMAX_LIFETIME', 'x'],
    ['PGBACKOFF', 'x'],
    ['PGKEEP_ALIVE', 'x'],
    ['PGIDLE_TIMEOUT', 'x'],
    ['PGSILENCE_TIMEOUT', '0.001'],
    ['PGPREPARE', 'x'],
    ['PGDEBUG', 'x'],
    ['PGFETCH_TYPES', 'x'],
    ['PGPUBLICATIONS', 'x'],
  ] as const) {
    it(`${name}=${value} changes nothing`, async (t) => {
      const { $client: plain } = connect(primary.url, { max: 1 })
      set(t, { [name]: value })
      const { $client: sql } = connect(primary.url, { max: 1 })
      t.after(() => Promise.all([sql.end({ timeout: 1 }), plain.end({ timeout: 1 })]))
      const comparable = ({ options }: typeof sql) =>
        JSON.stringify(Object.entries(options).filter(([key]) => key !== 'max_lifetime' && key !== 'shared'))
      assert.equal(comparable(sql), comparable(plain))
      assert.equal(typeof sql.options.max_lifetime, typeof plain.options.max_lifetime)
      assert.equal((await sql.unsafe(ADDRESS))[0]?.['answer'], '127.0.0.1')
    })
  }
})

describe('target_session_attrs', () => {
  const WHICH = `SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END AS answer`
  const HOSTS = {
    primary: () => `127.0.0.1:${primary.port}`,
    standby: () => `127.0.0.1:${standby.port}`,
    closed: () => `127.0.0.1:${closed}`,
  }
  let closed: number
  before(async () => {
    closed = await freePort()
  })
  type Host = keyof typeof HOSTS
  const REFUSED = 'UNSUITABLE_HOST'
  const DOWN = 'ECONNREFUSED'

  const ATTRIBUTES = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby', undefined] as const
  /** The expected answers, in the order of `ATTRIBUTES`. */
  const CASES: readonly (readonly [hosts: readonly Host[], answers: readonly string[]])[] = [
    [['primary'], ['primary', 'primary', REFUSED, 'primary', REFUSED, 'primary', 'primary']],
    [['standby'], ['standby', REFUSED, 'standby', REFUSED, 'standby', 'standby', 'standby']],
    [
      ['primary', 'standby'],
      ['primary', 'primary', 'standby', 'primary', 'standby', 'standby', 'primary'],
    ],
    [
      ['standby', 'primary'],
      ['standby', 'primary', 'standby', 'primary', 'standby', 'standby', 'primary'],
    ],
    [
      ['closed', 'primary'],
      ['primary', 'primary', DOWN, 'primary', DOWN, 'primary', 'primary'],
    ],
    [
      ['standby', 'closed'],
      ['standby', DOWN, 'standby', DOWN, 'standby', 'standby', DOWN],
    ],
    [
      ['closed', 'standby', 'primary'],
      ['standby', 'primary', 'standby', 'primary', 'standby', 'standby', 'primary'],
    ],
  ]
  const urlOf = (hosts: readonly Host[], attributes: string | undefined) =>
    `postgres://postgres:${primary.password}@${hosts.map((host) => HOSTS[host]()).join(',')}/postgres${attributes === undefined ? '' : `?target_session_attrs=${attributes}`}`

  for (const [hosts, answers] of CASES) {
    for (const [at, attributes] of ATTRIBUTES.entries()) {
      it(`${attributes ?? 'left out'}, with ${hosts.join(' and ')}: ${answers[at]}`, async () => {
        assert.equal(codeOf(await ask(urlOf(hosts, attributes), WHICH)), answers[at])
      })
    }
  }

  it('a primary that is read-only by default is not read-write, and is still the primary', async (t) => {
    await primary.configure({ settings: { default_transaction_read_only: 'on' } })
    t.after(async () => {
      await primary.sql`SET default_transaction_read_only = off`
      await primary.configure({ settings: { default_transaction_read_only: 'off' } })
    })
    const answers = []
    for (const attributes of ATTRIBUTES)
      answers.push(codeOf(await ask(urlOf(['primary', 'standby'], attributes), WHICH)))
    assert.deepEqual(answers, ['primary', REFUSED, 'primary', 'primary', 'standby', 'standby', REFUSED])
  })
})
