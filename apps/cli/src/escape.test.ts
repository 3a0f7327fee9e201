import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { escapeLines, escapeUnprintable, isPrintable } from './escape.ts'

describe('escapeUnprintable', () => {
  for (const [what, text, shown] of [
    ['a colour', '\x1b[31mred', '\\u001b[31mred'],
    ['a window title, terminated by a bell', '\x1b]0;gone\x07', '\\u001b]0;gone\\u0007'],
    ['the one-byte introducer of C1', '\u009b2J', '\\u009b2J'],
    ['line breaks', 'one\ntwo\r\u2028three', 'one\\u000atwo\\u000d\\u2028three'],
    ['bidirectional controls', 'cod\u202eexe.txt\u2066', 'cod\\u202eexe.txt\\u2066'],
    ['a backspace and a delete', 'a\b\x7f', 'a\\u0008\\u007f'],
  ] as const) {
    it(`escapes ${what}`, () => {
      assert.equal(escapeUnprintable(text), shown)
      assert.equal(isPrintable(text), false)
    })
  }

  it('keeps other text of any script, and joined emoji', () => {
    for (const text of ['My API Key', 'Ключ ключей', 'مفتاح', '鍵', '👩‍🚀', 'a\\b "c"']) {
      assert.equal(escapeUnprintable(text), text)
      assert.equal(isPrintable(text), true)
    }
  })
})

describe('escapeLines', () => {
  it('keeps the meaning of JSON', () => {
    const value = { name: 'a\u009b2J\u202e\x7f' }
    const text = escapeLines(JSON.stringify(value, null, 2))
    assert.equal(isPrintable(text.replaceAll('\n', '')), true)
    assert.deepEqual(JSON.parse(text), value)
  })
})
