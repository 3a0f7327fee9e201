import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createTranslations } from '@daytona-auth/accounts/language/translations'
import { describeAddress } from './describe-address.ts'
import { GERMAN } from './german/german.ts'

it('describes addresses in words', () => {
  const { text } = createTranslations({ de: GERMAN }, 'Daytona')('en')
  const current = '203.0.113.7'
  for (const [address, words] of [
    [current, 'your current address, 203.0.113.7'],
    ['8.8.8.8', '8.8.8.8'],
    ['2a00:1450::1', '2a00:1450::1'],
    ['127.0.0.1', 'the server itself, 127.0.0.1'],
    ['10.1.2.3', 'a private network, 10.1.2.3'],
    ['fd00::1', 'a private network, fd00::1'],
    ['no address', 'no address'],
  ] as const) {
    assert.equal(text(describeAddress(address, current)), words)
  }
  assert.equal(text(describeAddress('8.8.8.8', current, 'Linz, Austria')), '8.8.8.8 (Linz, Austria)')
  assert.equal(
    text(describeAddress(current, current, 'Linz, Austria')),
    'your current address, 203.0.113.7 (Linz, Austria)',
  )
})
