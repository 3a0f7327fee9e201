import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatForBash, splitShellLine } from './shell-line.ts'

describe('splitShellLine', () => {
  for (const [line, words, openQuote] of [
    ['daytona ', ['daytona', ''], ''],
    ['daytona  api-key get', ['daytona', 'api-key', 'get'], ''],
    ['daytona get "My A', ['daytona', 'get', 'My A'], '"'],
    ["daytona get 'My A", ['daytona', 'get', 'My A'], "'"],
    ['daytona get My\\ A', ['daytona', 'get', 'My A'], ''],
    ['daytona get "My A" --q', ['daytona', 'get', 'My A', '--q'], ''],
    ['daytona get "" x', ['daytona', 'get', '', 'x'], ''],
    ['daytona get "a\\"b\\c', ['daytona', 'get', 'a"b\\c'], '"'],
    ['daytona get $(touch x) `y`', ['daytona', 'get', '$(touch', 'x)', '`y`'], ''],
    ['daytona get \\', ['daytona', 'get', ''], ''],
  ] as const) {
    it(`splits ${line}`, () => assert.deepEqual(splitShellLine(line), { words, openQuote }))
  }
})

describe('formatForBash', () => {
  const format = (value: string, line: string, separators = ' \t\n"\'@><=;|&(:') =>
    formatForBash(value, splitShellLine(line), separators)

  it('omits what precedes the last separator', () => {
    assert.equal(format('read:snapshots,write:sandboxes', 'x read:snapshots,write:sa'), 'sandboxes')
    assert.equal(format('read:snapshots', 'x read:sn', ' \t\n'), 'read:snapshots')
    assert.equal(format('ada@example.com', 'x ada@ex'), 'example.com')
    assert.equal(format('--format=json', 'x --format=j'), 'json')
    assert.equal(format('ci', 'x '), 'ci')
  })

  it('quotes what a shell would evaluate', () => {
    assert.equal(format('My Key', 'x My'), 'My\\ Key')
    assert.equal(format('$(touch x);`y`', 'x '), '\\$\\(touch\\ x\\)\\;\\`y\\`')
    assert.equal(format('a"$b c', 'x "a'), 'a\\"\\$b c')
    assert.equal(format("it's: all", "x 'it"), "it'\\''s: all")
  })
})
