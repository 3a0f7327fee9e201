import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lifetimes } from './lifetimes.ts'

const DAY_MS = 86_400_000
const DAY = 86_400
const lives = lifetimes({
  ACCESS_TOKEN_TTL: 3_600_000,
  AUTHORIZATION_CODE_TTL: 60_000,
  DEVICE_CODE_TTL: 600_000,
  INTERACTION_TTL: 3_600_000,
  SESSION_TTL: 14 * DAY_MS,
  SESSION_ABSOLUTE_TTL: 30 * DAY_MS,
  REFRESH_TOKEN_TTL: 30 * DAY_MS,
  REFRESH_TOKEN_ABSOLUTE_TTL: 90 * DAY_MS,
})

describe('the life of a refresh token', () => {
  it('is thirty days from each rotation, while ninety from the first one are not over', () => {
    for (const [day, left] of [
      [0, 30],
      [29, 30],
      [60, 30],
      [61, 29],
      [75, 15],
      [89, 1],
    ] as const) {
      assert.equal(lives.refreshToken(0, day * DAY), left * DAY, `on day ${day}`)
    }
  })

  it('ends at the ninetieth day to the second, however it was rotated before', () => {
    let now = 0
    for (let rotations = 0; rotations < 1000 && now < 90 * DAY; rotations++) {
      const ends = now + lives.refreshToken(0, now)
      assert.ok(ends <= 90 * DAY)
      now = Math.max(now + 1, ends - 1)
    }
    assert.equal(now, 90 * DAY)
  })

  it('never outlives its grant, nor does an access token', () => {
    for (const first of [lives.code, lives.deviceCode]) {
      assert.ok(lives.grant >= first + 90 * DAY + lives.accessToken)
    }
  })

  it('counts a started second as one, so that no token is made that was never valid', () => {
    assert.equal(lifetimes({ ...config(), ACCESS_TOKEN_TTL: 1500 }).accessToken, 2)
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
