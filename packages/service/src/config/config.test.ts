import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import * as z from 'zod'
import { ConfigError, loadConfig } from './config.ts'
import { serviceShape } from './service-variables.ts'
import {
  boolean,
  cidrs,
  duration,
  headerFields,
  httpUrl,
  integer,
  internalUrl,
  list,
  origin,
  share,
} from './variables.ts'

const SECRET = 'correct-horse-battery'
const folder = mkdtempSync(join(tmpdir(), 'config-'))
after(() => rmSync(folder, { recursive: true }))

/** Returns the problems of an environment. */
function problems(shape: z.ZodRawShape, env: Record<string, string>): readonly string[] {
  try {
    loadConfig(shape, env)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.problems
  }
}

describe('loadConfig', () => {
  it('reports all problems in one line without values', () => {
    const env = {
      DATABASE_URL: `mysql://root:${SECRET}@db/x`,
      PORT: '80 80',
      LOG_LEVEL: SECRET,
      ISSUER: `https://${SECRET}/`,
    }
    assert.throws(
      () => loadConfig(serviceShape, env),
      new ConfigError([
        'DATABASE_URL must be a URL such as postgres://user:password@host:5432/database',
        'ISSUER must be an origin such as https://api.example.com, without path or trailing slash',
        'PORT must be a whole number of 0 to 65535',
        'LOG_LEVEL must be fatal, error, warn, info, debug, trace or silent',
      ]),
    )
    const message = new ConfigError(problems(serviceShape, env)).message
    assert.match(message, /^invalid environment: DATABASE_URL must .*; ISSUER must /)
    assert.doesNotMatch(message, /\n/)
    assert.doesNotMatch(message, new RegExp(SECRET))
  })

  it('hides a value that a check repeats in its message', () => {
    const shape = { KEY: z.string().refine(() => false, { error: ({ input }) => `${input} is bad` }) }
    assert.deepEqual(problems(shape, { KEY: SECRET }), ['KEY is invalid'])
  })

  it('reports missing variables', () => {
    assert.deepEqual(problems(serviceShape, {}), [
      'DATABASE_URL is required, such as postgres://user:password@host:5432/database',
      'ISSUER is required, such as https://api.example.com',
    ])
  })

  it('treats an empty variable as missing', () => {
    assert.deepEqual(problems({ KEY: z.string() }, { KEY: '' }), ['KEY is required'])
    assert.deepEqual(loadConfig({ PORT: integer().default(3000) }, { PORT: '' }), { PORT: 3000 })
  })

  it('reads any variable from the file that X_FILE names, without its final newline', () => {
    const path = join(folder, 'key')
    writeFileSync(path, `${SECRET}\n`)
    assert.deepEqual(loadConfig({ KEY: z.string() }, { KEY_FILE: path }), { KEY: SECRET })
  })

  it('reports only that a file cannot be read', () => {
    const env = { KEY_FILE: join(folder, 'nothing') }
    assert.deepEqual(problems({ KEY: z.string() }, env), [
      'KEY_FILE cannot be read (ENOENT): name a file that this user may read',
    ])
    assert.deepEqual(problems({ KEY: z.string().optional() }, env), [
      'KEY_FILE cannot be read (ENOENT): name a file that this user may read',
    ])
  })

  it('refuses a variable that is set twice', () => {
    assert.deepEqual(problems({ KEY: z.string() }, { KEY: SECRET, KEY_FILE: '/x' }), [
      'KEY and KEY_FILE are both set: set one of them',
    ])
  })

  it('does not confuse variables with a common prefix', () => {
    assert.deepEqual(problems({ KEY: z.string(), KEY_ID: z.string() }, { KEY_ID_FILE: '/nothing' }), [
      'KEY_ID_FILE cannot be read (ENOENT): name a file that this user may read',
      'KEY is required',
    ])
  })

  it('deeply freezes its result', () => {
    const config = loadConfig({ PEERS: cidrs() }, { PEERS: '10.0.0.0/8' })
    assert.throws(() => config.PEERS.push('::/0'), TypeError)
    assert.throws(() => Object.assign(config, { PEERS: [] }), TypeError)
  })

  it('has a default for every variable except the database and the issuer', () => {
    assert.deepEqual(
      loadConfig(serviceShape, { DATABASE_URL: 'postgres:///daytona', ISSUER: 'https://api.example.com' }),
      {
        DATABASE_URL: 'postgres:///daytona',
        DATABASE_WAIT: 10_000,
        DATABASE_CONNECTIONS: 10,
        HOST: '127.0.0.1',
        PORT: 3000,
        DRAIN_DELAY: 2000,
        LOG_LEVEL: 'info',
        TRUSTED_PROXIES: [],
        OTEL_TRACES_SAMPLER_ARG: 1,
        ISSUER: 'https://api.example.com',
      },
    )
  })
})

describe('a variable', () => {
  const table: [name: string, schema: z.ZodType, good: Record<string, unknown>, bad: string[]][] = [
    [
      'integer',
      integer({ max: 100 }),
      { '0': 0, '7': 7, '100': 100, '007': 7 },
      ['101', '-1', '1.5', '1e2', '0x10', ' 1', '1 ', '+1', '٣', 'NaN', '9'.repeat(20)],
    ],
    ['boolean', boolean(), { true: true, false: false }, ['1', '0', 'yes', 'TRUE', 'False', 'on']],
    [
      'duration',
      duration({ maxMs: 14 * 86_400_000 }),
      { '500ms': 500, '30s': 30_000, '15m': 900_000, '12h': 43_200_000, '14d': 1_209_600_000 },
      ['30', '0s', '15d', '1.5h', '-1s', '1 s', '1S', '1w', 's'],
    ],
    ['list', list(), { a: ['a'], 'a, b,c': ['a', 'b', 'c'] }, [',', 'a,', 'a,,b', ' ']],
    [
      'cidrs',
      cidrs(),
      { '10.0.0.0/8': ['10.0.0.0/8'], '127.0.0.1, ::1/128': ['127.0.0.1', '::1/128'], 'fd00::/8': ['fd00::/8'] },
      [
        '10.0.0.0/33',
        '10.0.0/8',
        '::1/129',
        'localhost',
        '10.0.0.0/8/8',
        '10.0.0.0/',
        '10.0.0.0/-1',
        '*',
        '10.0.0.0/1e1',
      ],
    ],
    [
      'origin',
      origin(),
      {
        'https://api.example.com': 'https://api.example.com',
        'http://localhost:3000': 'http://localhost:3000',
        'http://127.0.0.1': 'http://127.0.0.1',
        'http://[::1]:3000': 'http://[::1]:3000',
      },
      [
        'http://api.example.com',
        'https://api.example.com/',
        'https://api.example.com/x',
        'https://api.example.com?x',
        'https://user@api.example.com',
        'https://API.example.com',
        'https://api.example.com:443',
        'http://localhost.example.com',
        'api.example.com',
        'ftp://localhost',
      ],
    ],
    [
      'internalUrl',
      internalUrl(),
      { 'http://oidc:3001': 'http://oidc:3001', 'http://oidc:3001/': 'http://oidc:3001' },
      ['oidc:3001', 'http://oidc/x', 'http://a:b@oidc', 'ftp://oidc'],
    ],
    [
      'httpUrl',
      httpUrl(),
      { 'http://collector:4318': 'http://collector:4318', 'https://a.example/otlp/': 'https://a.example/otlp/' },
      [
        'collector:4318',
        'http://user:key@collector',
        'http://collector?key=x',
        'http://collector#x',
        'grpc://collector',
      ],
    ],
    [
      'headerFields',
      headerFields(),
      {
        'authorization=Bearer%20abc%3D': { authorization: 'Bearer abc=' },
        'a=1, x-b=c=d': { a: '1', 'x-b': 'c=d' },
      },
      ['authorization', '=x', 'a=', 'a=1,', 'a=%zz', 'a=%0d%0ab', 'a b=c', 'a=ü'],
    ],
    ['share', share(), { '0': 0, '1': 1, '0.01': 0.01 }, ['1.1', '-0.1', '1%', '.5', '1e-1', '0,5']],
  ]
  for (const [name, schema, good, bad] of table) {
    it(`${name} accepts valid text`, () => {
      for (const [text, value] of Object.entries(good)) assert.deepEqual(schema.parse(text), value, text)
    })
    it(`${name} refuses everything else`, () => {
      for (const text of bad) assert.equal(schema.safeParse(text).success, false, text)
    })
  }
})
