import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { PasswordCheckOverloaded, passwordChecker } from './password-checker.ts'

const ada = { email: 'ada.lovelace@example.com', name: 'Ada Lovelace' }

const SHORT = 'Use at least 12 characters.'
const LONG = 'This password is too long.'
const OWN = 'Do not use your name or email address as the password.'
const COMMON = 'This password is too easy to guess. A few unrelated words work well.'
/** Random characters are the slowest to estimate. */
const SLOW = 'Gx7pQ2mZ9vLkR4tW8yB1nC6hJ3dF5sA0eUoI'

const checker = passwordChecker()
after(() => checker.close())

describe('passwordChecker', () => {
  const refused: [why: string, password: string, problem: string][] = [
    ['nothing', '', SHORT],
    ['eleven characters', 'Gx7pQ2mZ9vL', SHORT],
    ['eleven characters of several code units each', '𝒢𝓍𝓅𝒬𝓂𝒵𝓋ℒ𝓀𝒟𝓊', SHORT],
    ['eleven characters that are more before composition', 'Gx7pQ2mZ9ve\u0301', SHORT],
    ['more than 1024 bytes', 'Gx7pQ2mZ9vLk'.repeat(86), LONG],
    ['more than 1024 bytes of combining marks', `a${'\u0301\u0334'.repeat(15_000)}`, LONG],
    ['the own address', 'ada.lovelace@example.com', OWN],
    ['the own address in capitals', 'ADA.LOVELACE@EXAMPLE.COM', OWN],
    ['the own name', 'Ada Lovelace', OWN],
    ['own words with a few digits', 'lovelace1234', COMMON],
    ['a common password', 'administrator', COMMON],
    ['a common password with digits', 'password1234', COMMON],
    ['a common password twice', 'letmeinletmein', COMMON],
    ['a common password with other letters', 'P@ssw0rdP@ssw0rd', COMMON],
    ['one character over and over', 'aaaaaaaaaaaaaaaa', COMMON],
    ['the alphabet', 'abcdefghijklmnop', COMMON],
    ['digits in their order', '123456789012', COMMON],
    ['a row of keys', 'qwertyuiopasdf', COMMON],
    ['the name of the product', 'daytonadaytona', COMMON],
  ]
  for (const [why, password, problem] of refused) {
    it(`refuses ${why}`, async () => assert.equal(await checker.problemOf(password, ada), problem))
  }

  it('refuses what does not fit into its queue', async (t) => {
    const small = passwordChecker({ maxQueued: 1 })
    t.after(() => small.close())
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => small.problemOf(SLOW, ada)))
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'rejected'],
    )
    assert.ok(results.every((one) => one.status === 'fulfilled' || one.reason instanceof PasswordCheckOverloaded))
  })

  it('prepares the worker that the first check uses', async (t) => {
    let workers = 0
    const count = () => {
      workers += 1
    }
    process.on('worker', count)
    t.after(() => process.off('worker', count))
    const prepared = passwordChecker()
    t.after(() => prepared.close())
    prepared.prepare()
    prepared.prepare()
    await nextTurn()
    assert.equal(workers, 1)
    assert.equal(await prepared.problemOf('letmeinletmein', ada), COMMON)
    assert.equal(workers, 1)
  })

  it('accepts no password whose estimate takes too long', async (t) => {
    const impatient = passwordChecker({ timeoutMs: 1 })
    t.after(() => impatient.close())
    for (let count = 0; count < 2; count++) {
      await assert.rejects(impatient.problemOf(SLOW.repeat(2), ada), PasswordCheckOverloaded)
    }
  })

  it('accepts nothing after it was closed', async () => {
    const closed = passwordChecker()
    await closed.close()
    await assert.rejects(closed.problemOf(SLOW, ada), PasswordCheckOverloaded)
  })

  it('leaves the event loop free while it estimates', async () => {
    let turns = 0
    let isDone = false
    const turn = () => {
      turns += 1
      if (!isDone) setImmediate(turn)
    }
    setImmediate(turn)
    await Promise.all(Array.from({ length: 5 }, () => checker.problemOf(SLOW, ada)))
    isDone = true
    assert.ok(turns > 100, `the loop turned ${turns} times`)
  })

  const accepted: [what: string, password: string][] = [
    ['twelve random characters', 'Gx7pQ2mZ9vLk'],
    ['three words', 'violin-harbor-teacup'],
    ['a few words', 'correct horse battery staple'],
    ['letters of any script', 'зелёная луна над рекой'],
    ['1024 bytes', 'Gx7pQ2mZ9vLk'.repeat(85).padEnd(1024, 'x')],
  ]
  for (const [what, password] of accepted) {
    it(`accepts ${what}`, async () => assert.equal(await checker.problemOf(password, ada), undefined))
  }
})
