import assert from 'node:assert/strict'
import { it } from 'node:test'
import { findKeyNameFault, findNameFault, normalizeName } from './names.ts'

const CHARACTERS = 'must not have control, invisible or text direction characters'

it('a name is normalized to NFC and trimmed', () => {
  assert.equal(normalizeName(' \te\u0301\n'), '\u00e9')
})

for (const [what, name, fault] of [
  ['an ordinary name', 'Zoë’s 名前 ✨', undefined],
  ['the longest name', 'x'.repeat(128), undefined],
  ['the longest name of characters outside the BMP', '😀'.repeat(128), undefined],
  ['a name of 129 characters', 'x'.repeat(129), 'must be at most 128 characters'],
  ['an empty name', '', 'must not be empty'],
  ['a NUL', 'a\u0000b', CHARACTERS],
  ['a line separator', 'a\u2028b', CHARACTERS],
  ['a direction mark', 'a\u202eb', CHARACTERS],
  ['a zero-width joiner', 'a\u200db', CHARACTERS],
  ['an annotation anchor', 'a\ufff9b', CHARACTERS],
  ['a lone surrogate', 'a\ud800b', CHARACTERS],
] as const) {
  it(`${what}: ${fault ?? 'valid'}`, () => {
    assert.equal(findNameFault(name), fault)
    assert.equal(findKeyNameFault(name), fault)
  })
}

it('a key has no name with a meaning in a path', () => {
  for (const name of ['.', '..', 'current']) {
    assert.equal(findKeyNameFault(name), 'must not be ".", ".." or "current"')
    assert.equal(findNameFault(name), undefined)
  }
})
