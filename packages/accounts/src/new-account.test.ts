import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { checkAccount, type GivenAccount } from './new-account.ts'
import { passwordChecker } from './password-checker.ts'

const ada = { name: 'Ada Lovelace', email: 'ada@example.com', password: 'correct horse battery staple' }
const NAME = { name: 'Enter your name, in at most 128 characters.' }
const EMAIL = { email: 'Enter an email address, like name@example.com.' }

const CHARACTERS = { name: 'Your name must not have control, invisible or text direction characters.' }

const checker = passwordChecker()
after(() => checker.close())
const problemsOf = async (given: GivenAccount) => (await checkAccount(given, checker)).problems

describe('checkAccount', () => {
  for (const name of ['', 'x'.repeat(129), 'a\ud800', `a${'\u0301'.repeat(60_000)}`]) {
    it(`refuses the name ${JSON.stringify(name.slice(0, 12))}`, async () =>
      assert.deepEqual(await problemsOf({ ...ada, name }), NAME))
  }
  for (const name of ['a\0b', 'a\nb', 'a\u202eb', 'a\u200bb', 'a\u2028b']) {
    it(`refuses the name ${JSON.stringify(name)} for its characters`, async () =>
      assert.deepEqual(await problemsOf({ ...ada, name }), CHARACTERS))
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
    `a${'\u0301'.repeat(60_000)}@example.com`,
  ]) {
    it(`refuses the address ${JSON.stringify(email.slice(0, 40))}`, async () =>
      assert.deepEqual(await problemsOf({ ...ada, email }), EMAIL))
  }

  it('returns all problems at once', async () => {
    assert.deepEqual(await problemsOf({ name: '', email: '', password: '' }), {
      ...NAME,
      ...EMAIL,
      password: 'Use at least 12 characters.',
    })
  })

  for (const email of [
    'owner@localhost.localdomain',
    "o'hara+tag@sub.example.co.uk",
    'ådä@xn--exmple-cua.com',
    'a@localhost',
  ]) {
    it(`accepts the address ${email}`, async () =>
      assert.deepEqual(await checkAccount({ ...ada, email: ` ${email.toUpperCase()} ` }, checker), {
        account: { ...ada, email },
      }))
  }

  it('returns an internationalized domain in the spelling in which accounts store it', async () => {
    assert.deepEqual(await checkAccount({ ...ada, email: 'ådä@EXÄMPLE.com' }, checker), {
      account: { ...ada, email: 'ådä@xn--exmple-cua.com' },
    })
  })
})
