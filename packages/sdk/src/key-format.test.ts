import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findKeyFault } from './key-format.ts'

const ALL_ONES = 'dta_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp116pNST'
const ONE = 'dta_00000000000000000000000000000000000000000471zsE6I'

describe('findKeyFault', () => {
  for (const [fault, key] of [
    ['does not begin with dta_', ''],
    ['does not begin with dta_', `xta_${ONE.slice(4)}`],
    ['52 characters instead of 53', ONE.slice(0, -1)],
    ['54 characters instead of 53', `${ONE}0`],
    ['other than letters and digits', ONE.replace('0000', '00-0')],
    ['other than letters and digits', ONE.replace('0000', '00\n0')],
    ['more than 256 bits', ALL_ONES.replace('Xp1', 'Xp2')],
  ] as const) {
    it(`says of ${JSON.stringify(key)} that it has ${fault}`, () => {
      assert.ok(findKeyFault(key)?.includes(fault), String(findKeyFault(key)))
    })
  }

  it('detects one changed character anywhere', () => {
    for (let at = 4; at < ONE.length; at++) {
      const changed = `${ONE.slice(0, at)}${ONE[at] === 'a' ? 'b' : 'a'}${ONE.slice(at + 1)}`
      assert.ok(findKeyFault(changed), changed)
    }
  })

  it('accepts the published example keys', () => {
    assert.deepEqual([findKeyFault(ALL_ONES), findKeyFault(ONE)], [undefined, undefined])
  })
})
