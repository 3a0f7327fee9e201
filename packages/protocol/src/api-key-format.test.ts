import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { KEY_CHARS, KEY_FORM, KEY_PATTERN, KEY_PREFIX, maskKey, visiblePartsOf } from './api-key-format.ts'

/** A published example. */
const KEY = 'dta_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp116pNST'

it('the published format does not change', () => {
  assert.equal(KEY_PREFIX, 'dta_')
  assert.equal(KEY_PATTERN, String.raw`\bdta_[0-9A-Za-z]{49}\b`)
  assert.equal(KEY.length, KEY_CHARS)
  assert.match(KEY, new RegExp(`^${KEY_FORM}$`))
})

it('the prefix may stand in a regular expression', () => {
  assert.match(KEY_PREFIX, /^[a-z0-9]+_$/)
})

it('the pattern finds keys, and nothing shorter', () => {
  assert.deepEqual(`const key = "${KEY}"; // dta_short`.match(new RegExp(KEY_PATTERN, 'g')), [KEY])
})

it('the README has the pattern for secret scanners', async () => {
  const readme = await readFile(join(import.meta.dirname, '../../../README.md'), 'utf8')
  assert.equal(/^## For secret scanners\n\n```\n(.*)\n```/m.exec(readme)?.[1], KEY_PATTERN)
})

it('maskKey shows the prefix, 4 characters and the last 4, and keeps a mask', () => {
  const mask = 'dta_yhjs********************pNST'
  assert.equal(maskKey(KEY), mask)
  assert.equal(maskKey(mask), mask)
  assert.deepEqual(visiblePartsOf(mask), { start: 'dta_yhjs', end: 'pNST' })
})
