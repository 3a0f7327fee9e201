import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { boundedList, boundedParameter, boundedRecord, boundedText, maximumOf } from './bounded.ts'

/** A schema that must not be reached. */
const unreachable = z.unknown().refine(() => assert.fail('parsed before the maximum was checked'))

const messagesOf = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ path, message }) => [path.join('.'), message])

describe('boundedText', () => {
  it('refuses longer text before any other check', () => {
    const text = boundedText({ max: 3 })
    const schemas = [
      text.overwrite(() => assert.fail()).refine(() => assert.fail()),
      text.refine(() => assert.fail()).meta({ format: 'email' }),
      text.pipe(z.string().refine(() => assert.fail())),
      text.transform(() => assert.fail()).optional(),
      text.min(1).superRefine(() => assert.fail()),
    ]
    for (const schema of schemas) assert.deepEqual(messagesOf(schema, 'aaaa'), [['', 'must be at most 3 characters']])
  })

  it('counts text as sent, before it is normalized', () => {
    const schema = boundedText({ max: 4 }).overwrite((text) => text.trim())
    assert.equal(schema.safeParse('     ').success, false)
    assert.equal(schema.parse(' ab '), 'ab')
  })

  it('refuses shorter text than the minimum', () => {
    assert.deepEqual(messagesOf(boundedText({ max: 3, min: 1 }), ''), [['', 'must not be empty']])
  })
})

describe('boundedList', () => {
  it('refuses more items before one of them is parsed', () => {
    const schema = boundedList(unreachable, { max: 2 })
    const copies = [schema, schema.optional(), schema.describe('a'), schema.refine(() => true), schema.nullish()]
    for (const copy of copies) assert.deepEqual(messagesOf(copy, [0, 0, 0]), [['', 'must have at most 2 items']])
  })

  it('reports one issue for 250,000 invalid items', () => {
    const items = Array.from({ length: 250_000 }, () => 0)
    assert.equal(messagesOf(boundedList(z.string(), { max: 50 }), items)?.length, 1)
  })
})

describe('boundedRecord', () => {
  const schema = boundedRecord({ max: 2, key: boundedText({ max: 3 }), value: boundedText({ max: 3 }) })

  it('refuses more members before one of them is parsed', () => {
    const closed = boundedRecord({ max: 2, key: boundedText({ max: 3 }), value: unreachable })
    for (const copy of [closed, closed.optional(), closed.default({}), closed.describe('a')]) {
      assert.deepEqual(messagesOf(copy, { a: 0, b: 0, c: 0 }), [['', 'must have at most 2 members']])
    }
  })

  it('bounds names and values', () => {
    assert.equal(schema.safeParse({ aaaa: 'a' }).success, false)
    assert.deepEqual(messagesOf(schema, { a: 'aaaa' }), [['a', 'must be at most 3 characters']])
    assert.deepEqual(schema.parse({ a: 'b', c: 'd' }), { a: 'b', c: 'd' })
  })
})

describe('boundedParameter', () => {
  it('accepts a parameter that is sent once, several times or not at all', () => {
    const schema = boundedParameter(boundedText({ max: 3 }), { max: 2 })
    assert.deepEqual(
      [schema.parse('a'), schema.parse(['a', 'b']), schema.parse(undefined)],
      [['a'], ['a', 'b'], undefined],
    )
    assert.equal(schema.safeParse(['a', 'b', 'c']).success, false)
  })
})

describe('the documented maximum', () => {
  it('is the one that is checked', () => {
    const schema = z.object({
      text: boundedText({ max: 3 }).overwrite((text) => text.trim()),
      list: boundedList(boundedText({ max: 4 }), { max: 5 }),
      record: boundedRecord({ max: 6, key: boundedText({ max: 7 }), value: boundedText({ max: 8 }) }).optional(),
    })
    const { properties, required } = z.toJSONSchema(schema, { io: 'input' })
    assert.deepEqual(required, ['text', 'list'])
    assert.deepEqual(properties, {
      text: { type: 'string', maxLength: 3 },
      list: { type: 'array', maxItems: 5, items: { type: 'string', maxLength: 4 } },
      record: {
        type: 'object',
        maxProperties: 6,
        propertyNames: { type: 'string', maxLength: 7 },
        additionalProperties: { type: 'string', maxLength: 8 },
      },
    })
  })

  it('is known of bounded schemas only', () => {
    const { text, list, record } = {
      text: boundedText({ max: 3 }),
      list: boundedList(z.string(), { max: 5 }),
      record: boundedRecord({ max: 6, key: z.string(), value: z.string() }),
    }
    assert.deepEqual([text, list, record].map(maximumOf), [3, 5, 6])
    const unbounded = [z.string(), z.string().trim().max(3), z.string().max(3), z.array(z.string()), z.unknown()]
    assert.deepEqual(unbounded.map(maximumOf), [undefined, undefined, undefined, undefined, undefined])
  })
})
