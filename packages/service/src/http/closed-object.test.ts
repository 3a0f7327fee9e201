import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { closedObject } from './closed-object.ts'

const Key = closedObject({ name: z.string(), expiresAt: z.string().optional(), organizationIds: z.string().optional() })

const messagesOf = (value: unknown, schema: z.ZodType = Key) =>
  schema.safeParse(value).error?.issues.map(({ message }) => message)

describe('closedObject', () => {
  it('names an unknown member and the one that may have been meant', () => {
    const table: [member: string, message: string][] = [
      ['expires_at', 'unknown member expires_at; did you mean expiresAt?'],
      ['ExpiresAt', 'unknown member ExpiresAt; did you mean expiresAt?'],
      ['expireAt', 'unknown member expireAt; did you mean expiresAt?'],
      ['organizationId', 'unknown member organizationId; did you mean organizationIds?'],
      ['nmae', 'unknown member nmae'],
      ['constructor', 'unknown member constructor'],
    ]
    for (const [member, message] of table) assert.deepEqual(messagesOf({ name: 'a', [member]: 1 }), [message])
  })

  it('repeats no name that is long or not an identifier', () => {
    for (const member of ['x'.repeat(41), 'dta_'.repeat(20), '<b>', '', 'a b', '\u202e']) {
      assert.deepEqual(messagesOf({ name: 'a', [member]: 1 }), ['unknown member'])
    }
    assert.deepEqual(messagesOf(JSON.parse('{"name":"a","__proto__":1}')), ['unknown member'])
  })

  it('reports 20 of 100,000 unknown members', () => {
    const body = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`member${n}`, n]))
    assert.equal(messagesOf(body)?.length, 20)
  })

  it('stays closed in copies', () => {
    for (const schema of [
      Key.describe('A key'),
      Key.extend({ more: z.string().optional() }),
      Key.partial(),
      Key.omit({ expiresAt: true }),
    ]) {
      assert.deepEqual(messagesOf({ name: 'a', other: 1 }, schema), ['unknown member other'])
      assert.equal(z.toJSONSchema(schema, { io: 'input' }).additionalProperties, false)
    }
  })

  it('accepts the members that it names', () => {
    assert.deepEqual(Key.parse({ name: 'a', expiresAt: 'b' }), { name: 'a', expiresAt: 'b' })
    assert.deepEqual(messagesOf(null), ['Invalid input: expected object, received null'])
  })
})
