import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as z from 'zod'
import { boundedList, boundedRecord, boundedText } from './bounded.ts'
import { compileValidator } from './validation.ts'

const text = boundedText({ max: 3 })
const schema = z.object({
  list: boundedList(z.object({ name: text }), { max: 100 }).optional(),
  labels: boundedRecord({ max: 100, key: text, value: text }).default({}),
  label: text.transform(String).optional(),
})

/** Returns the paths of the reported problems. */
function pathsOf(data: unknown): string[] {
  const { error } = compileValidator(schema)(data)
  // Fastify types the list of problems as an error.
  return (error as unknown as { instancePath: string }[]).map(({ instancePath }) => instancePath)
}

it('names positions and members of the schema, but no names from the request', () => {
  assert.deepEqual(pathsOf({ list: [{ name: 'a' }, { name: 'aaaa' }] }), ['/list/1/name'])
  assert.deepEqual(pathsOf({ labels: { a: 'aaaa' } }), ['/labels/*'])
  assert.deepEqual(pathsOf({ labels: { aaaa: 'a' } }), ['/labels/*'])
  assert.deepEqual(pathsOf({ label: 'aaaa' }), ['/label'])
})

it('reports 20 problems of 100', () => {
  assert.equal(pathsOf({ list: Array.from({ length: 100 }, () => 0) }).length, 20)
})
