import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { secret, secrets } from './secret.ts'
import { serviceShape } from './service-variables.ts'
import { givenVariables, variableFacts, variablesOf } from './variable.ts'
import { duration, postgresUrl, redisUrl } from './variables.ts'

const shape = {
  DATABASE_URL: postgresUrl().describe('Where the data are.'),
  KEYS: secrets().optional().describe('What signs.'),
  TTL: duration().prefault('1h').describe('How long.'),
  WHERE: z.string().optional().register(variableFacts, { fallback: 'ISSUER' }).describe('Where.'),
}

describe('variablesOf', () => {
  it('tells what a schema says, however it is wrapped', () => {
    assert.deepEqual(variablesOf(shape), [
      {
        name: 'DATABASE_URL',
        meaning: 'Where the data are.',
        isRequired: true,
        default: undefined,

        secret: 'password',
        example: 'postgres://user:password@host:5432/database',
      },
      { name: 'KEYS', meaning: 'What signs.', isRequired: false, default: undefined, secret: 'whole' },
      { name: 'TTL', meaning: 'How long.', isRequired: false, default: '1h' },
      { name: 'WHERE', meaning: 'Where.', isRequired: false, default: undefined, fallback: 'ISSUER' },
    ])
  })

  it('finds a meaning and a default for what every server is told', () => {
    for (const { name, meaning } of variablesOf(serviceShape)) assert.match(meaning, /\.$/, name)
    assert.deepEqual(
      variablesOf(serviceShape).map((variable) => variable.default),
      [
        undefined,
        '10s',
        '10',
        undefined,
        undefined,
        '127.0.0.1',
        '3000',
        undefined,
        'info',
        undefined,
        undefined,
        undefined,
        undefined,
        '1',
      ],
    )
  })
})

describe('givenVariables', () => {
  const SECRET = 'correct-horse-battery'
  const shown = (schema: z.ZodType, text: string) => givenVariables({ X: schema }, { X: text })[0]?.value

  it('says where a value is from', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'variables-')), 'where')
    writeFileSync(file, 'here\n')
    const env = { DATABASE_URL: 'postgres://db/x', TTL: '', WHERE_FILE: file, KEYS_FILE: '/nothing' }
    assert.deepEqual(
      givenVariables(shape, env).map(({ name, source, value }) => [name, source, value]),
      [
        ['DATABASE_URL', 'environment', 'postgres://db/x'],
        ['KEYS', 'file', undefined],
        ['TTL', 'default', '1h'],
        ['WHERE', 'file', 'here'],
      ],
    )
  })

  it('shows no secret, nor how long it is', () => {
    assert.equal(shown(secret(), SECRET), '********')
    assert.equal(shown(secret(), SECRET.repeat(3)), '********')
    assert.equal(shown(secrets().optional(), `${SECRET},${SECRET}`), '********')
    assert.equal(shown(postgresUrl(), `postgres://me:${SECRET}@db/x`), 'postgres://me:********@db/x')
    assert.equal(
      shown(postgresUrl(), `postgres://me@db/x?password=${SECRET}&sslmode=require`),
      'postgres://me@db/x?password=********&sslmode=require',
    )
    assert.equal(shown(redisUrl().optional(), `redis://:${SECRET}@r`), 'redis://:********@r')
    assert.equal(shown(postgresUrl(), `host=db password=${SECRET}`), '********')
  })
})
