import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLifetimes } from './lifetimes.ts'

const DAY_MS = 86_400_000
const DAY = 86_400
const ttls = createLifetimes({
  ACCESS_TOKEN_TTL: 3_600_000,
  AUTHORIZATION_CODE_TTL: 60_000,
  DEVICE_CODE_TTL: 600_000,
  INTERACTION_TTL: 3_600_000,
  SESSION_TTL: 14 * DAY_MS,
  SESSION_ABSOLUTE_TTL: 30 * DAY_MS,
  REFRESH_TOKEN_TTL: 30 * DAY_MS,
  REFRESH_TOKEN_ABSOLUTE_TTL: 90 * DAY_MS,
})

describe('the lifetime of a refresh token', () => {
  it('is thirty days from each rotation, and at most ninety days from the first token', () => {
    for (const [day, left] of [
      [0, 30],
      [29, 30],
      [60, 30],
      [61, 29],
      [75, 15],
      [89, 1],
    ] as const) {
      assert.equal(ttls.refreshToken(0, day * DAY), left * DAY, `on day ${day}`)
    }
  })

  it('ends at the ninetieth day to the second, regardless of earlier rotations', () => {
    let now = 0
    for (let rotations = 0; rotations < 1000 && now < 90 * DAY; rotations++) {
      const ends = now + ttls.refreshToken(0, now)
      assert.ok(ends <= 90 * DAY)
      now = Math.max(now + 1, ends - 1)
    }
    assert.equal(now, 90 * DAY)
  })

  it('never exceeds that of its grant, and neither does that of an access token', () => {
    for (const first of [ttls.code, ttls.deviceCode]) {
      assert.ok(ttls.grant >= first + 90 * DAY + ttls.accessToken)
    }
  })

  it('rounds up to a full second, so that no token is issued already expired', () => {
    assert.equal(createLifetimes({ ...config(), ACCESS_TOKEN_TTL: 1500 }).accessToken, 2)
  })
})

const config = () => ({
  ACCESS_TOKEN_TTL: 1000,
  AUTHORIZATION_CODE_TTL: 1000,
  INTERACTION_TTL: 1000,
  SESSION_TTL: 1000,
  SESSION_ABSOLUTE_TTL: 1000,
  REFRESH_TOKEN_TTL: 1000,
  REFRESH_TOKEN_ABSOLUTE_TTL: 1000,
  DEVICE_CODE_TTL: 1000,
})
