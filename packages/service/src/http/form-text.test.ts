import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { parseFormText } from './form-text.ts'

it('refuses text that is not UTF-8, not percent-encoded or has too many fields', () => {
  const wrong = ['a=%ff', '%c3=a', 'a=%C0%80', 'a=%ed%a0%80', 'a=%', 'a=%4', 'a=%zz', 'a=b&c=%fe', '&'.repeat(1000)]
  for (const text of wrong) assert.equal(parseFormText(text), undefined, text)
})

it('reads every form that URLSearchParams writes', () => {
  const value = fc.string({ unit: 'grapheme' })
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { maxLength: 20 }), (pairs) => {
      const expected: Record<string, string[]> = Object.create(null)
      for (const [name, one] of pairs) expected[name] = [...(expected[name] ?? []), one]
      const read = parseFormText(String(new URLSearchParams(pairs))) ?? {}
      assert.deepEqual(
        Object.entries(read).map(([name, values]) => [name, [values].flat()]),
        Object.entries(expected),
      )
    }),
  )
})

it('keeps the order of several values, and empty ones', () => {
  assert.deepEqual({ ...parseFormText('a=1&b&a=2&=3&&a=+') }, { a: ['1', '2', ' '], b: '', '': '3' })
})
