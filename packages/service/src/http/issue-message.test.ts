import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as z from 'zod'
import { describeIssue } from './issue-message.ts'

const messagesOf = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value, { error: describeIssue }).error?.issues.map(({ message }) => message)

for (const [schema, value, expected] of [
  [z.object({ a: z.string() }), {}, 'is required'],
  [z.object({ a: z.enum(['x', 'y']) }), {}, 'is required'],
  [z.object({}), [], 'must be an object'],
  [z.array(z.string()), 'x', 'must be a list'],
  [z.array(z.string()).max(1), ['a', 'b'], 'must have at most 1 items'],
  [z.array(z.string()).min(2), ['a'], 'must have at least 2 items'],
  [z.string(), 7, 'must be text'],
  [z.string().max(3), 'aaaa', 'must be at most 3 characters'],
  [z.string().min(3), 'a', 'must be at least 3 characters'],
  [z.iso.datetime(), 'x', 'must be a time of RFC 3339, such as 2030-12-31T23:59:59Z'],
  [z.email(), 'x', 'must be an e-mail address'],
  [z.int(), 1.5, 'must be a whole number'],
  [z.int().min(1).max(200), 0, 'must be a whole number from 1 to 200'],
  [z.int().min(1).max(200), 201, 'must be a whole number from 1 to 200'],
  [z.int().min(1).max(200), 'x', 'must be a whole number from 1 to 200'],
  [z.number().min(0), -1, 'must be a number of at least 0'],
  [z.number().max(9), 10, 'must be a number of at most 9'],
  [z.boolean(), 'yes', 'must be true or false'],
  [z.enum(['a', 'b']), 'c', 'must be one of a, b'],
  [z.literal('a'), 'b', 'must be a'],
  [z.null(), 1, 'must be null'],
  [z.union([z.string(), z.int()]), true, 'must be text or a whole number'],
  [z.strictObject({}), { secret: 1 }, 'unknown member'],
  [z.record(z.string().max(1), z.string()), { secret: 'x' }, 'has a name that must be at most 1 characters'],
  [z.string().refine(() => false), 'x', 'is not valid'],
  [z.string().refine(() => false, 'must be otherwise'), 'x', 'must be otherwise'],
] as const) {
  it(`is "${expected}"`, () => assert.deepEqual(messagesOf(schema, value), [expected]))
}
