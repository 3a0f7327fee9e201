import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isPrintable, printable, printableLines } from './printable.ts'

describe('printable', () => {
  for (const [what, text, shown] of [
    ['a colour', '\x1b[31mred', '\\u001b[31mred'],
    ['a title for the window, ended by a bell', '\x1b]0;gone\x07', '\\u001b]0;gone\\u0007'],
    ['the one-byte introducer of C1', '\u009b2J', '\\u009b2J'],
    ['a line of its own', 'one\ntwo\r\u2028three', 'one\\u000atwo\\u000d\\u2028three'],
    ['text that runs the other way', 'cod\u202eexe.txt\u2066', 'cod\\u202eexe.txt\\u2066'],
    ['a backspace and a delete', 'a\b\x7f', 'a\\u0008\\u007f'],
  ] as const) {
    it(`spells out ${what}`, () => {
      assert.equal(printable(text), shown)
      assert.equal(isPrintable(text), false)
    })
  }

  it('leaves every other text alone, in any script, with joined emoji', () => {
    for (const text of ['My API Key', 'Ключ ключей', 'مفتاح', '鍵', '👩‍🚀', 'a\\b "c"']) {
      assert.equal(printable(text), text)
      assert.equal(isPrintable(text), true)
    }
  })
})

describe('printableLines', () => {
  it('keeps the value of JSON', () => {
    const value = { name: 'a\u009b2J\u202e\x7f' }
    const text = printableLines(JSON.stringify(value, null, 2))
    assert.equal(isPrintable(text.replaceAll('\n', '')), true)
    assert.deepEqual(JSON.parse(text), value)
  })
})
