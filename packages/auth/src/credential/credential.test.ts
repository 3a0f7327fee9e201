import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { bearerOf, misplacedIn } from './credential.ts'

/** A request as Node has it: the first of several headers, and all raw headers. */
const request = (...values: string[]) => ({
  headers: values[0] === undefined ? {} : { authorization: values[0] },
  rawHeaders: ['Host', 'localhost', ...values.flatMap((value) => ['Authorization', value]), 'Accept', '*/*'],
})

describe('bearerOf', () => {
  for (const [what, values, expected] of [
    ['finds nothing without a header', [], undefined],
    ['finds nothing in an empty header', [''], undefined],
    ['finds nothing behind another scheme', ['Basic dXNlcjpwYXNz'], undefined],
    ['finds nothing without a scheme', ['dta_x'], undefined],
    ['finds nothing behind a longer scheme', ['Bearers dta_x'], undefined],
    ['finds nothing behind a shorter one', ['Beare dta_x'], undefined],
    ['finds nothing where the scheme is alone', ['Bearer'], undefined],
    ['finds nothing behind spaces', ['Bearer    '], undefined],
    ['finds nothing behind a tab', ['Bearer\tdta_x'], undefined],
    ['finds nothing credible in two headers', ['Bearer a', 'Bearer b'], ''],
    ['finds nothing credible in two equal headers', ['Bearer a', 'Bearer a'], ''],
    ['finds nothing credible where the second is of another scheme', ['Bearer a', 'Basic b'], ''],
    ['takes the credential as it stands', ['Bearer dta_x'], 'dta_x'],
    ['takes what follows it too, for the verifier to refuse', ['Bearer dta_x, y'], 'dta_x, y'],
    ['takes a scheme in lower case', ['bearer dta_x'], 'dta_x'],
    ['takes a scheme in upper case', ['BEARER dta_x'], 'dta_x'],
    ['takes more than one space', ['Bearer   dta_x'], 'dta_x'],
  ] as const) {
    it(what, () => assert.equal(bearerOf(request(...values)), expected))
  }

  it('finds two headers in any case and place', () => {
    const rawHeaders = ['AUTHORIZATION', 'Bearer a', 'Host', 'x', 'authorization', 'Bearer b']
    assert.equal(bearerOf({ headers: { authorization: 'Bearer a' }, rawHeaders }), '')
  })

  it('does not take another header’s value for the name', () => {
    const rawHeaders = ['X-Note', 'authorization', 'Authorization', 'Bearer a', 'X-Other', 'authorization']
    assert.equal(bearerOf({ headers: { authorization: 'Bearer a' }, rawHeaders }), 'a')
  })

  it('finds several headers among any others, in any case, and one among any others', () => {
    const name = fc.constantFrom('Authorization', 'authorization', 'AUTHORIZATION', 'aUTHORIZATION')
    const other = fc.constantFrom(
      'Host',
      'authorizatio',
      'authorization2',
      'x-authorization',
      'proxy-authorization',
      'Accept',
    )
    const header = fc.tuple(fc.oneof(name, other), fc.constantFrom('Bearer a', 'authorization', ''))
    fc.assert(
      fc.property(fc.array(header, { maxLength: 8 }), (headers) => {
        const ours = headers.filter(([each]) => each.toLowerCase() === 'authorization').length
        const found = bearerOf({ headers: { authorization: 'Bearer a' }, rawHeaders: headers.flat() })
        assert.equal(found, ours > 1 ? '' : 'a')
      }),
    )
  })

  it('returns every credential after the scheme', () => {
    const scheme = fc.constantFrom('Bearer', 'bearer', 'BEARER', 'bEaReR')
    const credential = fc.string({ minLength: 1 }).filter((text) => !text.startsWith(' '))
    fc.assert(
      fc.property(scheme, fc.integer({ min: 1, max: 5 }), credential, (name, spaces, text) => {
        assert.equal(bearerOf(request(`${name}${' '.repeat(spaces)}${text}`)), text)
      }),
    )
  })
})

describe('misplacedIn', () => {
  for (const part of [undefined, null, '', 'access_token', 7, [], ['api_key'], {}, { token: 1 }, { Access_Token: 1 }]) {
    it(`finds nothing in ${JSON.stringify(part)}`, () => assert.equal(misplacedIn(part), undefined))
  }

  it('finds no inherited member', () => assert.equal(misplacedIn(Object.create({ api_key: 1 })), undefined))

  for (const name of ['access_token', 'api_key']) {
    it(`finds ${name} with any value`, () => {
      for (const value of ['x', '', null, undefined, [], {}]) assert.equal(misplacedIn({ a: 1, [name]: value }), name)
    })
  }

  it('finds a member of an object without a prototype, as queries are', () => {
    assert.equal(misplacedIn(Object.assign(Object.create(null), { api_key: '' })), 'api_key')
  })
})
