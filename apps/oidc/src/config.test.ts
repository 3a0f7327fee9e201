import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigError } from '@daytona-auth/service'
import { loadProviderConfig } from './config.ts'

const SECRET = 'a secret of thirty-two characters'
const good = {
  DATABASE_URL: 'postgres://localhost/daytona',
  ISSUER: 'https://id.example.com',
  SIGNING_KEYS_SECRET: SECRET,
  COOKIE_KEYS: SECRET,
}
const problemsOf = (env: Record<string, string>) => {
  try {
    loadProviderConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('the environment', () => {
  it('reports every invalid variable at once, without values', () => {
    const problems = problemsOf({
      DATABASE_URL: 'mysql://x',
      ISSUER: 'http://id.example.com',
      SIGNING_KEYS_SECRET: 'short one',
      COOKIE_KEYS: `${SECRET},brief`,
      ACCESS_TOKEN_ALG: 'HS256',
      ACCESS_TOKEN_TTL: '3600',
      REFRESH_TOKEN_TTL: '0s',
      HANDLER_TIMEOUT: '1ms',
    })
    assert.deepEqual(problems.map((problem) => problem.split(' ')[0]).sort(), [
      'ACCESS_TOKEN_ALG',
      'ACCESS_TOKEN_TTL',
      'COOKIE_KEYS',
      'DATABASE_URL',
      'HANDLER_TIMEOUT',
      'ISSUER',
      'REFRESH_TOKEN_TTL',
      'SIGNING_KEYS_SECRET',
    ])
    assert.doesNotMatch(problems.join('\n'), /short one|brief|HS256|mysql/)
  })

  it('requires both secrets', () => {
    assert.deepEqual(problemsOf({ DATABASE_URL: good.DATABASE_URL, ISSUER: good.ISSUER }), [
      'SIGNING_KEYS_SECRET is required: make one with openssl rand -hex 32, and keep it',
      'COOKIE_KEYS is required: make one with openssl rand -hex 32, and keep it',
    ])
  })

  it('defaults to the published limits', () => {
    const config = loadProviderConfig(good)
    const DAY = 24 * 60 * 60_000
    assert.deepEqual(
      [
        config.ACCESS_TOKEN_TTL,
        config.AUTHORIZATION_CODE_TTL,
        config.REFRESH_TOKEN_TTL,
        config.REFRESH_TOKEN_ABSOLUTE_TTL,
      ],
      [60 * 60_000, 60_000, 30 * DAY, 90 * DAY],
    )
    assert.deepEqual([config.REFRESH_REUSE_GRACE, config.SESSION_TTL], [10_000, 14 * DAY])
    assert.deepEqual([config.FAILED_SIGN_INS_LIMIT, config.FAILED_SIGN_INS_WINDOW], [10, 15 * 60_000])
    assert.deepEqual([config.API_AUDIENCE, config.ACCESS_TOKEN_ALG], [good.ISSUER, 'ES256'])
  })
})
