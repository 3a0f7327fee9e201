import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigError, loadConfig, MAX_TIMER_MS } from '@daytona-auth/service'
import type * as z from 'zod'
import { apiShape } from './api.ts'
import { providerShape } from './provider.ts'
import { standaloneShape } from './standalone.ts'

const SHAPES: Record<string, z.ZodRawShape> = { apiShape, providerShape, standaloneShape }

/** Durations that are only compared with a clock and may exceed the maximum of a timer. */
const LIFETIMES = new Set([
  'ACCESS_TOKEN_TTL',
  'UNVERIFIED_ACCOUNT_TTL',
  'AUTHORIZATION_CODE_TTL',
  'DEVICE_CODE_TTL',
  'REFRESH_TOKEN_TTL',
  'REFRESH_REUSE_WINDOW',
  'INTERACTION_TTL',
  'REFRESH_TOKEN_ABSOLUTE_TTL',
  'SESSION_TTL',
  'SESSION_ABSOLUTE_TTL',
  'INVITATION_TTL',
  'FAILED_SIGN_INS_WINDOW',
  'UNUSED_REGISTRATION_TTL',
  'FACTOR_RESET_WAIT',
])

const variables = Object.entries(SHAPES).flatMap(([shape, members]) =>
  // Every schema of a shape is a zod schema.
  Object.entries(members).map(([name, schema]) => ({ shape, name, schema: schema as z.ZodType })),
)
const accepts = (schema: z.ZodType, text: string) => {
  const { data, success } = schema.safeParse(text)
  return success && typeof data === 'number' ? data : undefined
}
const durations = variables.filter(({ schema }) => accepts(schema, '1s') === 1000 || accepts(schema, '2m') === 120_000)
const numbers = variables.filter(({ schema }) => ['1', '1024', '3000'].some((text) => accepts(schema, text)))

/** Returns the startup error of a process with this variable. */
function problemOf({ name, schema }: (typeof variables)[number], text: string): string {
  try {
    loadConfig({ [name]: schema }, { [name]: text })
    return ''
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.message
  }
}

describe('the variables of all programs', () => {
  it('include durations and numbers', () => {
    assert.ok(durations.length >= 14, `only ${durations.length} durations`)
    assert.ok(numbers.length >= 20, `only ${numbers.length} numbers`)
  })

  for (const variable of durations) {
    it(`refuse a ${variable.name} of ${variable.shape} that no timer or clock can wait for`, () => {
      const tooLong = LIFETIMES.has(variable.name)
        ? ['3651d', '999999999d']
        : [`${MAX_TIMER_MS + 1}ms`, '25d', '30d', '999999999d']
      for (const text of tooLong) {
        assert.match(problemOf(variable, text), new RegExp(`^invalid environment: ${variable.name} must be`))
      }
    })
  }

  for (const variable of numbers) {
    it(`refuse a ${variable.name} of ${variable.shape} without bounds`, () => {
      for (const text of ['1000000001', '9007199254740991', '-1']) {
        assert.match(problemOf(variable, text), new RegExp(`^invalid environment: ${variable.name} must be`))
      }
    })
  }
})
