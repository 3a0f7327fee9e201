import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSignInLimits, type SignInSlot } from './sign-in-limits.ts'

const HOME = '192.0.2.1'
const ELSEWHERE = '198.51.100.7'
const MINUTE = 60_000

function limits(
  options: { perPair?: number; perAddress?: number; perAccount?: number; signUpsPerAddress?: number } = {},
) {
  let time = 1_000_000
  return {
    ...createSignInLimits({
      windowMs: 15 * MINUTE,
      perPair: 3,
      perAddress: 100,
      perAccount: 100,
      signUpsPerAddress: 100,
      ...options,
      now: () => time,
    }),
    pass: (ms: number) => {
      time += ms
    },
  }
}

function allowed(slot: SignInSlot): SignInSlot & { allowed: true } {
  assert.ok(slot.allowed)
  return slot
}

describe('createSignInLimits', () => {
  it('refuses attempts beyond the limit, and returns the time to wait', async () => {
    const { signIn, pass } = limits()
    for (let count = 0; count < 3; count++) allowed(await signIn('ada@example.com', HOME))
    assert.deepEqual(await signIn('ada@example.com', HOME), { allowed: false, retryAfterSeconds: 900 })
    pass(5 * MINUTE)
    assert.deepEqual(await signIn('ada@example.com', HOME), { allowed: false, retryAfterSeconds: 600 })
    pass(10 * MINUTE)
    allowed(await signIn('ada@example.com', HOME))
  })

  it('does not lock an account for other addresses', async () => {
    const { signIn } = limits()
    for (let count = 0; count < 4; count++) await signIn('ada@example.com', HOME)
    allowed(await signIn('ada@example.com', ELSEWHERE))
    allowed(await signIn('grace@example.com', HOME))
  })

  it('counts attempts in progress, so that concurrent ones do not exceed the limit', async () => {
    const { signIn } = limits({ perPair: 1 })
    allowed(await signIn('ada@example.com', HOME))
    assert.equal((await signIn('ada@example.com', HOME)).allowed, false)
  })

  it('resets the failures of a pair once it signs in', async () => {
    const { signIn } = limits()
    await signIn('ada@example.com', HOME)
    await signIn('ada@example.com', HOME)
    allowed(await signIn('ada@example.com', HOME)).succeeded()
    for (let count = 0; count < 3; count++) allowed(await signIn('ada@example.com', HOME))
    assert.equal((await signIn('ada@example.com', HOME)).allowed, false)
  })

  it('does not count an attempt that failed with a server error', async () => {
    const { signIn } = limits({ perPair: 1 })
    allowed(await signIn('ada@example.com', HOME)).undecided()
    allowed(await signIn('ada@example.com', HOME))
  })

  it('limits one address over all accounts, even if its own account signs in between', async () => {
    const { signIn } = limits({ perAddress: 5 })
    for (let count = 0; count < 5; count++) {
      allowed(await signIn('mallory@example.com', HOME)).succeeded()
      allowed(await signIn(`victim${count}@example.com`, HOME))
    }
    assert.deepEqual(await signIn('victim5@example.com', HOME), { allowed: false, retryAfterSeconds: 900 })
    allowed(await signIn('victim5@example.com', ELSEWHERE))
  })

  it('limits one account over all addresses, and counts an attempt that another limit refused for none', async () => {
    const { signIn } = limits({ perPair: 1, perAccount: 2 })
    allowed(await signIn('ada@example.com', HOME))
    assert.equal((await signIn('ada@example.com', HOME)).allowed, false)
    allowed(await signIn('ada@example.com', ELSEWHERE))
    assert.deepEqual(await signIn('ada@example.com', '203.0.113.9'), { allowed: false, retryAfterSeconds: 900 })
    allowed(await signIn('grace@example.com', '203.0.113.9'))
  })

  it('counts a known browser alone: neither its address, its account nor its other accounts', async () => {
    const { signIn } = limits({ perPair: 2, perAddress: 2, perAccount: 2 })
    for (const name of ['ada', 'bob', 'eve']) await signIn(`${name}@example.com`, HOME)
    assert.equal((await signIn('ada@example.com', HOME)).allowed, false)
    for (let count = 0; count < 2; count++) allowed(await signIn('ada@example.com', HOME, 'browser'))
    assert.equal((await signIn('ada@example.com', HOME, 'browser')).allowed, false)
    allowed(await signIn('grace@example.com', HOME, 'browser'))
    allowed(await signIn('ada@example.com', ELSEWHERE))
  })

  it('counts passkeys by address, because they name no account, and apart from passwords', async () => {
    const { passkey, signIn } = limits({ perPair: 1, perAddress: 3 })
    for (const email of ['a', 'b', 'c', 'd']) await signIn(`${email}@example.com`, HOME)
    assert.equal((await signIn('e@example.com', HOME)).allowed, false)
    allowed(await passkey(HOME))
    allowed(await passkey(HOME))
    // A success uncounts itself, and no failure.
    allowed(await passkey(HOME)).succeeded()
    allowed(await passkey(HOME))
    assert.equal((await passkey(HOME)).allowed, false)
    allowed(await passkey(ELSEWHERE))
  })

  it('counts the addresses of one IPv6 network as one', async () => {
    const { signIn } = limits({ perPair: 1 })
    allowed(await signIn('ada@example.com', '2001:db8:1:2::1'))
    assert.equal((await signIn('ada@example.com', '2001:db8:1:2:ffff::9')).allowed, false)
    allowed(await signIn('ada@example.com', '2001:db8:1:3::1'))
  })

  it('limits sign-ups from one address', async () => {
    const { signUp, pass } = limits({ signUpsPerAddress: 2 })
    assert.deepEqual(
      [await signUp(HOME), await signUp(HOME), await signUp(HOME), await signUp(ELSEWHERE)],
      [undefined, undefined, 900, undefined],
    )
    pass(15 * MINUTE)
    assert.equal(await signUp(HOME), undefined)
  })

  it('counts requests for recovery by account and by address, apart from sign-ins', async () => {
    const { recovery, signIn, pass } = limits({ perPair: 2, perAddress: 3 })
    for (let count = 0; count < 2; count++) assert.equal(await recovery('ada@example.com', HOME), undefined)
    assert.equal(await recovery('ada@example.com', HOME), 900)
    assert.equal(await recovery('ada@example.com', ELSEWHERE), undefined)
    assert.equal(await recovery('grace@example.com', HOME), undefined)
    assert.equal(await recovery('bob@example.com', HOME), 900)
    allowed(await signIn('ada@example.com', HOME))
    pass(15 * MINUTE)
    assert.equal(await recovery('bob@example.com', HOME), undefined)
  })
})
