import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InvalidArgumentError } from '@commander-js/extra-typings'
import {
  endOption,
  type Field,
  fieldOption,
  instantOption,
  integerOption,
  listOption,
  pathOption,
  permissionsOption,
  profileNameOption,
  serverUrlOption,
  timeoutOption,
} from './parse.ts'

const refuses = (parse: (text: string) => unknown, ...texts: string[]) => {
  for (const text of texts) assert.throws(() => parse(text), InvalidArgumentError, JSON.stringify(text))
}

describe('option values', () => {
  it('accept existing instants in RFC 3339, and days', () => {
    refuses(
      instantOption,
      '',
      'tomorrow',
      '2027',
      '2027-12-31T23:59:59',
      '2027-02-30',
      '2027-02-30T00:00:00Z',
      '31.12.2027',
    )
    refuses(instantOption, '2027-12-31 23:59:59Z', '2027-13-01', '2027-12-31T25:00:00Z', '1798761599')
    for (const [text, instant] of [
      ['2027-12-31T23:59:59Z', '2027-12-31T23:59:59.000Z'],
      ['2027-12-31T23:59:59.5+02:00', '2027-12-31T21:59:59.500Z'],
      ['2027-12-31', '2027-12-31T00:00:00.000Z'],
      ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ] as const) {
      assert.equal(instantOption(text), instant)
    }
  })

  it('end a day at its last moment in the user’s time zone', () => {
    refuses(endOption, '', '2027-02-30', '2027-12-31 23:59')
    assert.deepEqual(endOption('2027-12-31T23:59:59Z'), { at: '2027-12-31T23:59:59.000Z' })
    const zone = process.env['TZ']
    try {
      for (const [timeZone, at] of [
        ['UTC', '2027-12-31T23:59:59.999Z'],
        ['America/Los_Angeles', '2028-01-01T07:59:59.999Z'],
        ['Pacific/Auckland', '2027-12-31T10:59:59.999Z'],
      ]) {
        process.env['TZ'] = timeZone
        assert.deepEqual(endOption('2027-12-31'), { at, day: '2027-12-31' })
      }
    } finally {
      if (zone === undefined) delete process.env['TZ']
      else process.env['TZ'] = zone
    }
  })

  it('separate lists by commas and remove duplicates', () => {
    refuses(listOption, '', 'a,,b', 'a,')
    assert.deepEqual(listOption('a, b,a', ['c', 'b']), ['c', 'b', 'a'])
  })

  it('accept known permissions only', () => {
    refuses(
      permissionsOption,
      'sandboxes',
      'read:sandboxes,',
      'READ:SANDBOXES',
      'read:sandboxes;write:sandboxes',
      'constructor',
    )
    assert.deepEqual(permissionsOption('write:sandboxes,read:snapshots'), ['write:sandboxes', 'read:snapshots'])
  })

  it('accept whole numbers within bounds', () => {
    refuses(integerOption(1, 10), '', '0', '11', '1.5', '-1', '1e1', '0x1', ' 1')
    assert.equal(integerOption(1, 10)('10'), 10)
  })

  it('accept profile names without special meaning in a path or in JavaScript', () => {
    refuses(profileNameOption, '', '-x', '../x', 'a b', '__proto__', 'x'.repeat(65))
    assert.equal(profileNameOption('work.2_b-c'), 'work.2_b-c')
  })

  it('accept servers on https, or on this machine', () => {
    refuses(serverUrlOption, 'localhost:3000', 'http://example.com')
    assert.equal(serverUrlOption('https://example.com/'), 'https://example.com')
  })
})

describe('pathOption', () => {
  it('rejects what could lead to another server or operation', () => {
    refuses(
      pathOption,
      '',
      'users/me',
      '//example.com',
      '/\\example.com',
      'https://example.com',
      '/a b',
      '/a#b',
      '/a\n',
    )
    assert.equal(pathOption('/users/me?x=1'), '/users/me?x=1')
  })
})

describe('fieldOption', () => {
  it('keeps the type of JSON values, and requires a name', () => {
    refuses(fieldOption, '', 'name', '=value')
    const fields = ['a=text', 'b=1', 'c=["x"]', 'd=', 'e=x=y'].reduce<Field[]>(
      (all, text) => fieldOption(text, all),
      [],
    )
    assert.deepEqual(Object.fromEntries(fields), { a: 'text', b: 1, c: ['x'], d: '', e: 'x=y' })
  })
})

describe('timeoutOption', () => {
  it('rejects delays beyond the limits of a timer', () => {
    for (const text of ['25d', '30d', '1y', '999999999999d', '2147483648ms', '0s', '1', '']) {
      assert.throws(() => timeoutOption(text), /Use a /, text)
    }
    assert.deepEqual(['1ms', '5m', '24d', '2147483647ms'].map(timeoutOption), [1, 300_000, 2_073_600_000, 2 ** 31 - 1])
  })
})
