import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import stringWidth from 'string-width'
import { formatRecord, formatTable, formatTsv } from './table.ts'
import { type Column, instantCell, maskedKeyCell } from './view.ts'

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
const NOW = Date.parse('2030-01-01T00:00:00Z')
const PLAIN = { hasColours: false, columns: undefined, now: NOW }
const at = (columns: number) => ({ hasColours: false, columns, now: NOW })

describe('formatTable', () => {
  it('prints a line per item, without borders and trailing spaces', () => {
    assert.equal(
      formatTable(THINGS, COLUMNS, PLAIN),
      'NAME          PARTS  GOOD\none           a,b    yes\na longer one  -      no\n',
    )
  })

  it('prints bold titles with colours', () => {
    assert.ok(formatTable(THINGS, COLUMNS, { ...PLAIN, hasColours: true }).startsWith('\u001b[1mNAME'))
  })

  it('truncates the widest column to the width of the terminal', () => {
    assert.equal(
      formatTable(THINGS, COLUMNS, at(24)),
      'NAME         PARTS  GOOD\none          a,b    yes\na longer o…  -      no\n',
    )
    assert.equal(formatTable(THINGS, COLUMNS, at(25)), formatTable(THINGS, COLUMNS, PLAIN))
    const wide = formatTable([{ name: '鍵'.repeat(40) }], COLUMNS, at(30))
    assert.ok(
      wide.split('\n').every((line) => stringWidth(line) <= 30),
      wide,
    )
  })

  it('omits hidden columns, which records and TSV have', () => {
    const columns: Column<Thing>[] = [COLUMNS[0] as Column<Thing>, ['Status', () => 'active', { isHidden: true }]]
    const things = [{ name: 'one' }]
    assert.equal(formatTable(things, columns, PLAIN), 'NAME\none\n')
    assert.equal(formatTable(things, columns, at(200)), 'NAME\none\n')
    assert.equal(formatRecord({ name: 'one' }, columns, PLAIN), 'Name    one\nStatus  active\n')
    assert.equal(formatTsv(things, columns), 'one\tactive\n')
  })

  it('omits columns before it truncates others, and never truncates those that commands take', () => {
    const columns: Column<null>[] = [
      ['Id', () => 'id_0123456789', { isWhole: true }],
      ['E-mail', () => 'ada.love@example.com'],
      ['Role', () => 'member', { omit: 1 }],
      ['Since', () => 'a long time ago', { omit: 2 }],
    ]
    const lines = (width: number) => formatTable([null], columns, at(width)).trimEnd().split('\n').at(-1)
    assert.equal(lines(60), 'id_0123456789  ada.love@example.com  member  a long time ago')
    assert.equal(lines(59), 'id_0123456789  ada.love@example.com  member')
    assert.equal(lines(42), 'id_0123456789  ada.love@example.com')
    assert.equal(lines(30), 'id_0123456789  ada.love@examp…')
    assert.match(formatTable([null], columns, at(20)), /^Since {3}a long time ago$/m)
  })

  it('prints a block per item if the terminal is too narrow for truncated columns', () => {
    const blocks = 'Name   one\nParts  a,b\nGood   yes\n\nName   a longer one\nParts  -\nGood   no\n'
    assert.equal(formatTable(THINGS, COLUMNS, at(15)), blocks)
  })

  it('shows relative instants and abbreviated keys at a terminal only', () => {
    const columns: Column<null>[] = [
      ['Until', () => instantCell('2030-01-04T00:00:00.000Z')],
      ['Key', () => maskedKeyCell(`dta_B2FO${'*'.repeat(20)}9P8M`)],
      ['None', () => instantCell(null, 'never')],
    ]
    assert.equal(
      formatTable([null], columns, at(80)),
      'UNTIL      KEY            NONE\nin 3 days  dta_B2FO…9P8M  never\n',
    )
    assert.match(formatTable([null], columns, PLAIN), /^2030-01-04T00:00:00Z {2}dta_B2FO\*{20}9P8M {2}never$/m)
    assert.match(formatRecord(null, columns, at(80)), /^Until {2}2030-01-04T00:00:00Z \(in 3 days\)$/m)
  })

  it('escapes control characters, and aligns wide characters', () => {
    const text = formatTable([{ name: '\u001b[2J\n' }, { name: '鍵' }], COLUMNS, PLAIN)
    assert.equal(text, 'NAME             PARTS  GOOD\n\\u001b[2J\\u000a  -      -\n鍵               -      -\n')
  })
})

describe('formatRecord', () => {
  it('prints a line for each column that has a title', () => {
    assert.equal(
      formatRecord({ name: 'one' }, [['', () => '*'], ...COLUMNS], PLAIN),
      'Name   one\nParts  -\nGood   -\n',
    )
  })
})

describe('formatTsv', () => {
  it('separates complete values by tabs, without titles', () => {
    const columns: Column<Thing>[] = [
      ['', () => '*'],
      ...COLUMNS,
      ['At', () => instantCell('2030-01-04T00:00:00.000Z')],
    ]
    assert.equal(
      formatTsv([{ name: 'a\tb', parts: ['x', 'y'] }, { name: 'two' }], columns),
      'a\\u0009b\tx,y\t\t2030-01-04T00:00:00Z\ntwo\t\t\t2030-01-04T00:00:00Z\n',
    )
  })
})
