import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Secret } from 'otpauth'
import { createTotpSecret, readTotpCode, totpStepOf, totpUri } from './totp.ts'

/** RFC 6238 appendix B, SHA-1, of which the last six digits are the code. */
const SECRET = Secret.fromLatin1('12345678901234567890').base32
/** A fixed one: a random secret may have the same code. */
const OTHER_SECRET = Secret.fromLatin1('09876543210987654321').base32
const VECTORS = [
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
] as const

describe('a code of an authenticator app', () => {
  it('is refused outside its time, with one digit changed, and for another secret', () => {
    for (const [seconds, code] of VECTORS) {
      const at = (shift: number) => (seconds + shift) * 1000
      assert.equal(totpStepOf(SECRET, code, at(61)), undefined)
      assert.equal(totpStepOf(SECRET, code, at(-61)), undefined)
      assert.equal(totpStepOf(OTHER_SECRET, code, at(0)), undefined)
      const other = `${code.slice(0, 5)}${(Number(code[5]) + 1) % 10}`
      assert.equal(totpStepOf(SECRET, other, at(0)), undefined)
    }
  })

  it('has the time step of the vectors of RFC 6238, also when the clock is one step off', () => {
    for (const [seconds, code] of VECTORS) {
      const step = Math.floor(seconds / 30)
      for (const shift of [-30, 0, 30]) assert.equal(totpStepOf(SECRET, code, (seconds + shift) * 1000), step)
    }
  })

  it('is read with spaces, and refused in any other form', () => {
    assert.equal(readTotpCode(' 123 456 '), '123456')
    for (const other of ['', '12345', '1234567', '12345a', '１２３４５６', '-12345', '1.2345', '123456\0']) {
      assert.equal(readTotpCode(other), undefined, other)
    }
  })
})

describe('the address for an authenticator app', () => {
  it('names the account and the installation, with 160 random bits', () => {
    const secret = createTotpSecret()
    const uri = new URL(totpUri(secret, { email: 'ada+1@example.com', brand: 'Daytona', host: 'auth.example.com' }))
    assert.deepEqual([uri.protocol, uri.host], ['otpauth:', 'totp'])
    assert.equal(decodeURIComponent(uri.pathname), '/Daytona (auth.example.com):ada+1@example.com')
    assert.equal(uri.searchParams.get('secret'), secret)
    assert.equal(uri.searchParams.get('issuer'), 'Daytona (auth.example.com)')
    assert.equal(Secret.fromBase32(secret).bytes.length, 20)
    assert.notEqual(createTotpSecret(), secret)
  })
})
