import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { UserId } from '@daytona-auth/db/core'
import { createRecoveryCodes, readRecoveryCode, recoveryCodeDigest } from './recovery-codes.ts'

const ADA = 'usr_ada' as UserId
const EVE = 'usr_eve' as UserId

describe('recovery codes', () => {
  it('are ten different ones of 80 bits', () => {
    const codes = [...createRecoveryCodes(), ...createRecoveryCodes()]
    assert.equal(new Set(codes).size, 20)
    for (const code of codes) assert.match(code, /^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/)
  })

  it('are read in any case, with any separators, and with letters in place of similar digits', () => {
    const plain = '01abcdefghjkmnpq'
    for (const typed of ['01ab-cdef-ghjk-mnpq', 'O1AB CDEF GHJK MNPQ', 'oIabcdefghjkmnpq', ' olab-cdef ghjkmnpq ']) {
      assert.equal(readRecoveryCode(typed), plain, typed)
    }
    for (const other of ['', '01ab-cdef-ghjk', '01ab-cdef-ghjk-mnpqr', '01ab-cdef-ghjk-mnp!', '0123456789abcdeu']) {
      assert.equal(readRecoveryCode(other), undefined, other)
    }
  })

  it('have a digest that depends on the account and not on the spelling', () => {
    const [code = ''] = createRecoveryCodes()
    assert.deepEqual(recoveryCodeDigest(ADA, code), recoveryCodeDigest(ADA, code.toUpperCase().replaceAll('-', ' ')))
    assert.notDeepEqual(recoveryCodeDigest(ADA, code), recoveryCodeDigest(EVE, code))
    assert.throws(() => recoveryCodeDigest(ADA, 'short'))
  })
})
