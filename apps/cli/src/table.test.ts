import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatRecord, formatTable } from './table.ts'
import type { Column } from './view.ts'

interface Thing {
  readonly name: string
  readonly parts?: readonly string[]
  readonly isGood?: boolean
}

const COLUMNS: readonly Column<Thing>[] = [
  ['Name', ({ name }) => name],
  ['Parts', ({ parts }) => parts],
  ['Good', ({ isGood }) => isGood],
]
const THINGS: Thing[] = [
  { name: 'one', parts: ['a', 'b'], isGood: true },
  { name: 'a longer one', parts: [], isGood: false },
]
const PLAIN = { hasColours: false, columns: undefined }

describe('formatTable', () => {
  it('prints a line per item, without borders and trailing spaces', () => {
    assert.equal(
      formatTable(THINGS, COLUMNS, PLAIN),
      'NAME          PARTS  GOOD\none           a,b    yes\na longer one  -      no\n',
    )
  })

  it('prints bold titles with colours', () => {
    assert.ok(formatTable(THINGS, COLUMNS, { hasColours: true, columns: undefined }).startsWith('\u001b[1mNAME'))
  })

  it('prints a block per item if the terminal is too narrow', () => {
    const lines = 'Name   one\nParts  a,b\nGood   yes\n\nName   a longer one\nParts  -\nGood   no\n'
    assert.equal(formatTable(THINGS, COLUMNS, { hasColours: false, columns: 24 }), lines)
    assert.equal(formatTable(THINGS, COLUMNS, { hasColours: false, columns: 25 }), formatTable(THINGS, COLUMNS, PLAIN))
  })

  it('escapes control characters, and aligns wide characters', () => {
    const text = formatTable([{ name: '\u001b[2J\n' }, { name: '鍵' }], COLUMNS, PLAIN)
    assert.equal(text, 'NAME             PARTS  GOOD\n\\u001b[2J\\u000a  -      -\n鍵               -      -\n')
  })
})

describe('formatRecord', () => {
  it('prints a line for each column that has a title', () => {
    assert.equal(formatRecord({ name: 'one' }, [['', () => '*'], ...COLUMNS]), 'Name   one\nParts  -\nGood   -\n')
  })
})
