import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type * as z from 'zod'
import { apiShape } from './api-variables.ts'
import { ConfigError, loadConfig } from './config.ts'
import { providerShape } from './provider-variables.ts'
import { standaloneShape } from './standalone-variables.ts'
import { readVariableFile } from './variable.ts'
import { MAX_TIMER_MS } from './variables.ts'

const SHAPES: Record<string, z.ZodRawShape> = { apiShape, providerShape, standaloneShape }

/** Durations that are only compared with a clock and may exceed the maximum of a timer. */
const LIFETIMES = new Set([
  'ACCESS_TOKEN_TTL',
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

describe('readVariableFile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'variable-file-'))
  after(() => rmSync(folder, { recursive: true }))
  const read = (content: string) => {
    writeFileSync(join(folder, 'secret'), content)
    return readVariableFile(join(folder, 'secret'))
  }

  it('removes the newline and byte order mark that an editor adds', () => {
    for (const content of ['a secret', 'a secret\n', 'a secret\r\n', '\ufeffa secret', '\ufeffa secret\r\n']) {
      assert.equal(read(content), 'a secret', JSON.stringify(content))
    }
  })

  it('changes nothing else, and treats an empty file as absent', () => {
    assert.equal(read(' a\ufeff\r\nb \n\n'), ' a\ufeff\r\nb \n')
    for (const content of ['', '\n', '\ufeff\r\n']) assert.equal(read(content), undefined)
  })
})
