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
  DATABASE_URL: postgresUrl().describe('The database.'),
  KEYS: secrets().optional().describe('Sign cookies.'),
  TTL: duration().prefault('1h').describe('How long.'),
  WHERE: z.string().optional().register(variableFacts, { fallback: 'ISSUER' }).describe('Where.'),
}

describe('variablesOf', () => {
  it('reads the facts of wrapped schemas', () => {
    assert.deepEqual(variablesOf(shape), [
      {
        name: 'DATABASE_URL',
        meaning: 'The database.',
        isRequired: true,
        default: undefined,

        secret: 'password',
        example: 'postgres://user:password@host:5432/database',
      },
      { name: 'KEYS', meaning: 'Sign cookies.', isRequired: false, default: undefined, secret: 'whole' },
      { name: 'TTL', meaning: 'How long.', isRequired: false, default: '1h' },
      { name: 'WHERE', meaning: 'Where.', isRequired: false, default: undefined, fallback: 'ISSUER' },
    ])
  })

  it('finds a description and a default for each variable of every server', () => {
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
        '2s',
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

  it('reports the source of each value', () => {
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

  it('shows neither a secret nor its length', () => {
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
