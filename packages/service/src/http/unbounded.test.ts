import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as z from 'zod'
import { boundedList, boundedParameter, boundedRecord, boundedText, numberParameter } from './bounded.ts'
import { examineBounds } from './unbounded.ts'

const text = boundedText({ max: 3 })

it('finds members without a maximum at any depth', () => {
  const schema = z.object({
    text: z.string().optional(),
    late: z.string().trim().max(3),
    list: z.array(text).default([]),
    items: boundedList(z.object({ name: z.string() }), { max: 3 }),
    record: z.record(text, text).nullable(),
    values: boundedRecord({ max: 3, key: text, value: z.unknown() as z.ZodType }),
    free: z.looseObject({}),
    any: z.any(),
    number: z.coerce.number(),
    step: z.preprocess((given) => given, text),
    either: z.union([text, z.string()]),
    time: z.iso.datetime(),
    piped: z.string().pipe(text),
  })
  assert.deepEqual(examineBounds(schema).unbounded, [
    'text',
    'late',
    'list',
    'items[].name',
    'record',
    'values{}',
    'free{}',
    'any',
    'number',
    'step',
    'either',
    'time',
    'piped',
  ])
})

it('accepts members with a maximum', () => {
  const schema = z.object({
    text: text.overwrite(String).pipe(z.iso.datetime()).optional(),
    parameter: boundedParameter(text, { max: 3 }),
    number: numberParameter(z.int()).default(1),
    state: z.enum(['a']).nullish(),
    record: boundedRecord({ max: 3, key: text, value: text }).catch({}),
  })
  const { unbounded, bounded } = examineBounds(schema)
  assert.deepEqual(unbounded, [])
  assert.deepEqual(
    bounded.map(({ path }) => path),
    ['text', 'parameter', 'parameter[]', 'record', 'record{name}', 'record{}'],
  )
})
