import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { type Format, hasColours, outputTo } from './output.ts'
import type { Terminal } from './terminal.ts'
import type { View } from './view.ts'

interface Thing {
  readonly name: string
}

const VIEW: View<Thing> = { columns: [['Name', ({ name }) => name]], value: ({ name }) => name }

function outputs({
  format = 'table',
  quiet = false,
  isTTY = false,
}: {
  format?: Format
  quiet?: boolean
  isTTY?: boolean
}) {
  const stdout = Object.assign(new PassThrough(), { isTTY })
  const stderr = Object.assign(new PassThrough(), { isTTY })
  const terminal: Terminal = { stdin: new PassThrough(), stdout, stderr, env: {}, now: Date.now }
  const read = () => [String(stdout.read() ?? ''), String(stderr.read() ?? '')]
  return { output: outputTo(terminal, { format, quiet }), read }
}

const EVIL = 'a\u009b2J\u202e'

describe('output', () => {
  it('is a table for people, and says where there is nothing', async () => {
    const { output, read } = outputs({})
    await output.list([{ name: 'one' }], VIEW, 'None.')
    assert.deepEqual(read(), ['NAME\none\n', ''])
    await output.list<Thing>([], VIEW, 'None.')
    assert.deepEqual(read(), ['', 'None.\n'])
  })

  it('is JSON or YAML for programs, an empty list included; what it means is not changed', async () => {
    const json = outputs({ format: 'json' })
    await json.output.list([{ name: EVIL }], VIEW, 'None.', { items: [{ name: EVIL }], total: 1 })
    const [text = ''] = json.read()
    assert.deepEqual(JSON.parse(text), { items: [{ name: EVIL }], total: 1 })
    assert.ok(!text.includes('\u009b') && !text.includes('\u202e'))
    await json.output.list<Thing>([], VIEW, 'None.')
    assert.deepEqual(json.read(), ['[]\n', ''])
    const yaml = outputs({ format: 'yaml' })
    await yaml.output.one({ name: EVIL }, VIEW)
    assert.deepEqual(yaml.read(), ['name: "a\\u009b2J\\u202e"\n', ''])
    // An older parser would take these for something else than texts.
    await yaml.output.list([{ name: '2027-12-31T23:59:59.000Z' }, { name: 'no' }], VIEW, 'None.')
    assert.deepEqual(yaml.read(), ['- name: "2027-12-31T23:59:59.000Z"\n- name: "no"\n', ''])
  })

  it('is the value and nothing else where that is wanted: no notes, but warnings', async () => {
    const { output, read } = outputs({ quiet: true, format: 'json' })
    await output.list([{ name: 'one' }, { name: 'two' }], VIEW, 'None.')
    output.note('By the way.')
    assert.deepEqual(read(), ['one\ntwo\n', ''])
    await output.list<Thing>([], VIEW, 'None.')
    output.warn('Beware.')
    assert.deepEqual(read(), ['', 'Beware.\n'])
  })

  it('gives a program the value as it is, and a terminal nothing that it could take for a command', async () => {
    for (const [isTTY, shown] of [
      [false, `${EVIL}\n`],
      [true, 'a\\u009b2J\\u202e\n'],
    ] as const) {
      const { output, read } = outputs({ quiet: true, isTTY })
      await output.one({ name: EVIL }, VIEW)
      assert.deepEqual(read(), [shown, ''])
    }
  })
})

describe('hasColours', () => {
  it('is so at a terminal only, and not where somebody has said otherwise', () => {
    const terminal = (env: Record<string, string>) => ({ ...outputTerminal, env })
    const [yes, no] = [{ isTTY: true }, { isTTY: false }]
    assert.equal(hasColours(yes, terminal({})), true)
    assert.equal(hasColours(no, terminal({})), false)
    assert.equal(hasColours(yes, terminal({ NO_COLOR: '1' })), false)
    assert.equal(hasColours(yes, terminal({ NO_COLOR: '' })), true)
    assert.equal(hasColours(yes, terminal({ TERM: 'dumb' })), false)
  })
})

const outputTerminal: Terminal = {
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  env: {},
  now: Date.now,
}
