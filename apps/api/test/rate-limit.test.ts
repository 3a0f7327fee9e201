import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { errorBody, FORBIDDEN, UNAUTHORIZED_KEY, world } from './world.ts'

const LIMIT = 5
const { request, person, database } = await world({ after }, { REQUESTS_PER_MINUTE: String(LIMIT) })
const ada = await person()
const organization = await ada.organization()
const TOO_MANY = errorBody(429, 'Too Many Requests', 'Rate limit exceeded')

const standing = ({ headers }: { headers: Headers }) => ({
  limit: headers.get('x-ratelimit-limit'),
  remaining: headers.get('x-ratelimit-remaining'),
})

/** Limits count by clock minutes: a check that began in one minute and failed in the next is repeated. */
async function withinOneMinute(attempt: () => Promise<void>): Promise<void> {
  const minute = () => Math.floor(Date.now() / 60_000)
  const started = minute()
  try {
    await attempt()
  } catch (error) {
    if (minute() === started) throw error
    await attempt()
  }
}

describe('the limit of a credential', () => {
  it('refuses requests above it with 429, and reports the remaining ones before', () =>
    withinOneMinute(async () => {
      for (const credential of [(await ada.key(organization, ['read:sandboxes'])).value, (await ada.token()).value]) {
        for (let left = LIMIT - 1; left >= 0; left -= 1) {
          const answer = await request('GET', '/sandbox', credential, { organization })
          assert.deepEqual([answer.status, standing(answer)], [200, { limit: '5', remaining: String(left) }])
          const reset = Number(answer.headers.get('x-ratelimit-reset'))
          assert.ok(reset >= 1 && reset <= 60, String(reset))
        }
        const answer = await request('GET', '/sandbox', credential, { organization })
        assert.deepEqual([answer.status, answer.body], [429, TOO_MANY])
        assert.deepEqual(standing(answer), { limit: '5', remaining: '0' })
        assert.equal(answer.headers.get('retry-after'), answer.headers.get('x-ratelimit-reset'))
      }
    }))

  it('also counts refused requests, and answers a proxy 403 with X-Auth-Status', () =>
    withinOneMinute(async () => {
      const { value } = await ada.key(organization, ['read:sandboxes'])
      for (let left = LIMIT - 1; left >= 0; left -= 1) {
        const answer = await request('GET', '/volumes', value)
        assert.deepEqual([answer.status, answer.body, standing(answer).remaining], [403, FORBIDDEN, String(left)])
      }
      const answer = await request('GET', '/auth/verify', value)
      assert.deepEqual([answer.status, answer.body], [403, errorBody(403, 'Forbidden', 'Rate limit exceeded')])
      assert.equal(answer.headers.get('x-auth-status'), '429')
      assert.equal(answer.headers.get('x-auth-user-id'), null)
      assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
    }))

  it('does not restart when the key is read again, and does not affect other keys', () =>
    withinOneMinute(async () => {
      const key = await ada.key(organization, ['read:sandboxes'])
      for (let count = 0; count < LIMIT; count += 1) await request('GET', '/sandbox', key.value)
      await database.$client`UPDATE api_keys SET name = ${`${key.name} renamed`} WHERE id = ${key.id}`
      await database.$client`UPDATE users SET name = ${'Ada L.'} WHERE id = ${ada.userId}`
      assert.equal((await request('GET', '/sandbox', key.value)).status, 429)
      const other = await ada.key(organization, ['read:sandboxes'])
      assert.equal((await request('GET', '/sandbox', other.value)).status, 200)
    }))

  it('sends no headers on public routes or to unknown callers', async () => {
    const open = await request('GET', '/config')
    assert.deepEqual([open.status, standing(open)], [200, { limit: null, remaining: null }])
    const unknown = await request('GET', '/sandbox', 'x')
    assert.deepEqual([unknown.body, standing(unknown)], [UNAUTHORIZED_KEY, { limit: null, remaining: null }])
  })
})
