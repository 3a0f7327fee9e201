import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { accountProblems } from './new-account.ts'

const ada = { name: 'Ada Lovelace', email: 'ada@example.com', password: 'correct horse battery staple' }
const NAME = { name: 'Enter your name, in at most 128 characters.' }
const EMAIL = { email: 'Enter an email address, like name@example.com.' }

describe('accountProblems', () => {
  for (const name of ['', 'x'.repeat(129), 'a\0b', 'a\nb', 'a\u202eb', 'a\ud800']) {
    it(`refuses the name ${JSON.stringify(name.slice(0, 12))}`, () =>
      assert.deepEqual(accountProblems({ ...ada, name }), NAME))
  }

  for (const email of [
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@@example.com',
    'ada lovelace@example.com',
    'ada@exam ple.com',
    'ada@example..com',
    'ada@example.com\0',
    'ada@example.com\r\nbcc: x@example.com',
    'a\u200bda@example.com',
    '<ada@example.com>',
    'ada@example.com, grace@example.com',
    `${'x'.repeat(65)}@example.com`,
    `ada@${'x'.repeat(254)}.com`,
  ]) {
    it(`refuses the address ${JSON.stringify(email.slice(0, 40))}`, () =>
      assert.deepEqual(accountProblems({ ...ada, email }), EMAIL))
  }

  it('tells all problems at once', () => {
    assert.deepEqual(accountProblems({ name: '', email: '', password: '' }), {
      ...NAME,
      ...EMAIL,
      password: 'Use at least 12 characters.',
    })
  })

  for (const email of [
    'owner@localhost.localdomain',
    "o'hara+tag@sub.example.co.uk",
    'ådä@exämple.com',
    'a@localhost',
  ]) {
    it(`accepts the address ${email}`, () => assert.deepEqual(accountProblems({ ...ada, email }), {}))
  }
})
