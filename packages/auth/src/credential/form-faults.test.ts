import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { unicodeString } from '@daytona-auth/testing/unicode'
import fc from 'fast-check'
import { isKey, mintKey } from './api-key.ts'
import { FORM_FAULTS, type FormFault, findAbsenceFault, findCredentialFault } from './form-faults.ts'

const { key, hint } = mintKey(Buffer.alloc(32, 7))
const wrongLast = key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a')

describe('findCredentialFault', () => {
  const faults: Partial<Record<FormFault, readonly string[]>> = {
    severalHeaders: [''],
    tooLong: ['x'.repeat(8193), `dta_${'x'.repeat(9000)}`, `${'a'.repeat(9000)}.b.c`],
    placeholder: [
      'YOUR_API_KEY',
      'YOUR_JWT_TOKEN',
      'YOUR_EXISTING_TOKEN',
      'YOUR_TOKEN',
      'your-api-key',
      'dta_YOUR_KEY',
      'dta_1234567890abcdef',
      'dta_xxxx',
      'dta_...',
      '<token>',
      '<YOUR KEY>',
      '$API_KEY',
      '$'.concat('{API_KEY}'),
      '{{token}}',
      '%API_KEY%',
      'undefined',
      'null',
      'None',
      '[object Object]',
      'xxx',
      'access_token',
      'api-key',
    ],
    quoted: [`"${key}"`, `'${key}'`, `\`${key}\``, '"YOUR_API_KEY'],
    notAlone: [`${key} `, `${key},`, `${key}; a=b`, `${key} ${key}`, `a.b.c d`, `${key}\t`],
    keyMasked: [hint, 'dta_B2FO********************9P8M'],
    keyTooShort: ['dta_', key.slice(0, -1), key.slice(0, 20)],
    keyTooLong: [`${key}x`, key + key],
    keyCharacter: [`${key.slice(0, -1)}_`, `dta_${'é'.repeat(49)}`, `${key.slice(0, 20)}-${key.slice(21)}`],
    keyChecksum: [wrongLast, `dta_${'0'.repeat(49)}`, `dta_${'z'.repeat(49)}`],
    otherKind: [
      'x'.repeat(8192),
      'abc"def',
      'hunter2',
      'sk_live_abc',
      'DTA_abc',
      'a.b',
      'a.b.c.d',
      `${key.slice(4)}`,
      'YOUR.API.KEY',
    ],
  }
  for (const [fault, credentials = []] of Object.entries(faults)) {
    for (const credential of credentials) {
      it(`is ${fault} for ${JSON.stringify(credential.slice(0, 60))}`, () => {
        assert.equal(findCredentialFault(credential), fault)
      })
    }
  }

  for (const [what, credential, fault] of [
    ['a masked key with a space in it', 'dta_B2FO******************** 9P8M', 'keyMasked'],
    ['a masked key in the middle of a text', `dta_${'*'.repeat(20)},`, 'keyMasked'],
    ['a key that lost its end, and something after it', `${key.slice(0, 41)} and more`, 'keyTooShort'],
    ['the longest placeholder', `your${'_'.repeat(36)}`, 'placeholder'],
    ['a text longer than any placeholder', `your${'_'.repeat(37)}`, 'otherKind'],
    ['the longest placeholder with the prefix', `dta_your${'_'.repeat(32)}`, 'placeholder'],
    ['an incomplete key longer than any placeholder', `dta_your${'_'.repeat(33)}`, 'keyTooShort'],
    ['a short key in quotation marks', `"${key.slice(0, 20)}"`, 'quoted'],
    ['a mask as long as a key', `dta_${'*'.repeat(49)}`, 'keyCharacter'],
    ['a key with a wrong checksum, in quotation marks', `"${wrongLast}"`, 'quoted'],
    ['a key with a wrong checksum, and a comma', `${wrongLast},`, 'notAlone'],
    ['a key whose prefix is in upper case', key.replace('dta_', 'DTA_'), 'otherKind'],
    ['a key without its prefix, in quotation marks', `'${key.slice(4)}'`, 'quoted'],
    ['a token of two parts, and something after it', 'eyJhbGciOiJFUzI1NiJ9.e30 and more', 'notAlone'],
    ['a quotation mark inside', `${key.slice(0, 20)}"`, 'keyTooShort'],
  ] as const) {
    it(`names the fault that helps most: ${what}`, () => assert.equal(findCredentialFault(credential), fault))
  }

  it('finds a fault of every malformed credential', () => {
    const credential = fc.oneof(fc.string(), unicodeString({ maxLength: 70 }), fc.constant(key))
    fc.assert(
      fc.property(credential, fc.nat({ max: 60 }), (text, at) => {
        const changed = `${text.slice(0, at)}${text.slice(at + 1)}`
        if (!isKey(changed)) assert.ok(Object.hasOwn(FORM_FAULTS, findCredentialFault(changed)))
      }),
    )
  })
})

describe('findAbsenceFault', () => {
  for (const [fault, headers, query] of [
    ['noHeader', {}, {}],
    ['noHeader', {}, null],
    ['inQuery', {}, { api_key: key }],
    ['inQuery', { 'x-api-key': key }, { access_token: '' }],
    ['inOtherHeader', { 'x-api-key': key }, {}],
    ['inOtherHeader', { 'api-key': key }, {}],
    ['inOtherHeader', { 'x-auth-token': '' }, undefined],
    ['noHeader', { 'x-api-token': key, cookie: `api-key=${key}` }, {}],
    ['nothing', { authorization: '' }, {}],
    ['nothing', { authorization: 'Bearer' }, {}],
    ['nothing', { authorization: 'bearer  ' }, {}],
    ['notBearer', { authorization: 'Basic YTpi' }, {}],
    ['notBearer', { authorization: 'Not Bearer' }, {}],
    ['notBearer', { authorization: `Bearer ${key}` }, {}],
    ['notBearer', { authorization: `Token ${key}` }, { api_key: key }],
    ['noScheme', { authorization: key }, {}],
  ] as const) {
    it(`is ${fault} for ${JSON.stringify(headers)} and the query ${JSON.stringify(query)}`, () => {
      assert.equal(findAbsenceFault({ headers }, query), fault)
    })
  }
})
