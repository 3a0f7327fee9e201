import assert from 'node:assert/strict'
import { it } from 'node:test'
import { dictionary } from '@zxcvbn-ts/language-common'
import { estimateStrength } from './password-strength.ts'
import { MIN_PASSWORD_CHARACTERS } from './passwords.ts'

it('every breached password that is long enough is estimated as guessable', () => {
  const long = dictionary['passwords-common'].filter((password) => String(password).length >= MIN_PASSWORD_CHARACTERS)
  assert.ok(long.length > 250, `only ${long.length} passwords`)
  const accepted = long.filter((password) => estimateStrength({ password: String(password), knownWords: [] }) >= 2)
  assert.deepEqual(accepted, [])
})
