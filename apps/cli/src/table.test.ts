import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { recordOf, tableOf } from './table.ts'
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

describe('tableOf', () => {
  it('has a line for each, without borders and without spaces at the ends', () => {
    assert.equal(
      tableOf(THINGS, COLUMNS, PLAIN),
      'NAME          PARTS  GOOD\none           a,b    yes\na longer one  -      no\n',
    )
  })

  it('has bold titles where colours are wanted', () => {
    assert.ok(tableOf(THINGS, COLUMNS, { hasColours: true, columns: undefined }).startsWith('\u001b[1mNAME'))
  })

  it('has a paragraph for each where the terminal is narrower than its lines', () => {
    const lines = 'Name   one\nParts  a,b\nGood   yes\n\nName   a longer one\nParts  -\nGood   no\n'
    assert.equal(tableOf(THINGS, COLUMNS, { hasColours: false, columns: 24 }), lines)
    assert.equal(tableOf(THINGS, COLUMNS, { hasColours: false, columns: 25 }), tableOf(THINGS, COLUMNS, PLAIN))
  })

  it('does nothing to the terminal that a name says, and keeps columns of wide characters apart', () => {
    const text = tableOf([{ name: '\u001b[2J\n' }, { name: '鍵' }], COLUMNS, PLAIN)
    assert.equal(text, 'NAME             PARTS  GOOD\n\\u001b[2J\\u000a  -      -\n鍵               -      -\n')
  })
})

describe('recordOf', () => {
  it('has a line for each column that has a title', () => {
    assert.equal(recordOf({ name: 'one' }, [['', () => '*'], ...COLUMNS]), 'Name   one\nParts  -\nGood   -\n')
  })
})
