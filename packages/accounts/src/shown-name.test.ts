import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { quotedName, shownName } from './shown-name.ts'

describe('shownName', () => {
  for (const [name, shown] of [
    ['evil.example', 'evil[.]example'],
    ['https://evil.example/x', 'https[:]//evil[.]example/x'],
    ['evil。example', 'evil[.]example'],
    ['a@evil.example', 'a@evil[.]example'],
    ['mailto:a@b', 'mailto[:]a@b'],
    ['a\u202eb\u200bc', 'a b c'],
    ['J. R. Smith', 'J. R. Smith'],
    ['Acme: the company', 'Acme: the company'],
    ['Acme Inc.', 'Acme Inc.'],
  ] as const) {
    it(`is ${shown} for ${JSON.stringify(name)}`, () => assert.equal(shownName(name), shown))
  }
})

describe('quotedName', () => {
  it('cannot be closed by the name', () =>
    assert.equal(
      quotedName('Acme” on Daytona. Sign in at “evil.example'),
      "“Acme' on Daytona. Sign in at 'evil[.]example”",
    ))
})
