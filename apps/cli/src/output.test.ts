import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { createOutput, type Format, hasColours } from './output.ts'
import type { Terminal } from './terminal.ts'
import type { View } from './view.ts'

interface Thing {
  readonly name: string
}

const VIEW: View<Thing> = { columns: [['Name', ({ name }) => name]], value: ({ name }) => name }

function createOutputs({
  format,
  quiet = false,
  isTTY = false,
}: {
  format?: Format | undefined
  quiet?: boolean
  isTTY?: boolean
}) {
  const stdout = Object.assign(new PassThrough(), { isTTY })
  const stderr = Object.assign(new PassThrough(), { isTTY })
  const terminal: Terminal = { stdin: new PassThrough(), stdout, stderr, env: {}, now: Date.now }
  const read = () => [String(stdout.read() ?? ''), String(stderr.read() ?? '')]
  return { output: createOutput(terminal, { format, quiet }), read }
}

const EVIL = 'a\u009b2J\u202e'

describe('createOutput', () => {
  it('prints TSV in a pipe and a table at a terminal, or a sentence if there are no items', async () => {
    const { output, read } = createOutputs({})
    await output.list([{ name: 'one' }], VIEW, 'None.')
    assert.deepEqual(read(), ['one\n', ''])
    const table = createOutputs({ format: 'table' })
    await table.output.list([{ name: 'one' }], VIEW, 'None.')
    assert.deepEqual(table.read(), ['NAME\none\n', ''])
    const terminal = createOutputs({ isTTY: true })
    await terminal.output.list([{ name: 'one' }], VIEW, 'None.')
    assert.match(terminal.read()[0] ?? '', /NAME.*\none\n$/)
    await output.list<Thing>([], VIEW, 'None.')
    assert.deepEqual(read(), ['', 'None.\n'])
  })

  it('prints JSON or YAML, also of an empty list, without changing values', async () => {
    const json = createOutputs({ format: 'json' })
    await json.output.list([{ name: EVIL }], VIEW, 'None.', { items: [{ name: EVIL }], total: 1 })
    const [text = ''] = json.read()
    assert.deepEqual(JSON.parse(text), { items: [{ name: EVIL }], total: 1 })
    assert.ok(!text.includes('\u009b') && !text.includes('\u202e'))
    await json.output.list<Thing>([], VIEW, 'None.')
    assert.deepEqual(json.read(), ['[]\n', ''])
    const yaml = createOutputs({ format: 'yaml' })
    await yaml.output.item({ name: EVIL }, VIEW)
    assert.deepEqual(yaml.read(), ['name: "a\\u009b2J\\u202e"\n', ''])
    // A YAML 1.1 parser would read these as other types.
    await yaml.output.list([{ name: '2027-12-31T23:59:59.000Z' }, { name: 'no' }], VIEW, 'None.')
    assert.deepEqual(yaml.read(), ['- name: "2027-12-31T23:59:59.000Z"\n- name: "no"\n', ''])
  })

  it('prints only values and warnings with --quiet', async () => {
    const { output, read } = createOutputs({ quiet: true, format: 'json' })
    await output.list([{ name: 'one' }, { name: 'two' }], VIEW, 'None.')
    output.note('By the way.')
    assert.deepEqual(read(), ['one\ntwo\n', ''])
    await output.list<Thing>([], VIEW, 'None.')
    output.warn('Beware.')
    assert.deepEqual(read(), ['', 'Beware.\n'])
  })

  it('escapes control characters at a terminal only', async () => {
    for (const [isTTY, shown] of [
      [false, `${EVIL}\n`],
      [true, 'a\\u009b2J\\u202e\n'],
    ] as const) {
      const { output, read } = createOutputs({ quiet: true, isTTY })
      await output.item({ name: EVIL }, VIEW)
      assert.deepEqual(read(), [shown, ''])
    }
  })
})

describe('hasColours', () => {
  it('is true at a terminal only, unless the environment disables colours', () => {
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
