import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { BOUND_MS } from './revocation-bound.ts'
import { FORBIDDEN, UNAUTHORIZED_KEY, world } from './world.ts'

const here = await world({ after })
const there = await here.anotherApi()
const ada = await here.person()
const { value: token } = await ada.token()
const organization = await ada.organization()

describe('two APIs on one database', () => {
  const create = async (name: string): Promise<string> => {
    const body = { name, permissions: ['read:sandboxes'] }
    const made = await here.request('POST', '/api-keys', token, { organization, body })
    assert.equal(made.status, 201)
    return (made.body as { value: string }).value
  }

  /** Sends requests to the other API until it refuses the key. Returns the time from `since`, in milliseconds. */
  const untilDeniedThere = async (value: string, since: number): Promise<number> => {
    for (;;) {
      const askedMs = performance.now() - since
      const answer = await here.request('GET', '/sandbox', value, { api: there })
      if (answer.status === 401) {
        assert.deepEqual(answer.body, UNAUTHORIZED_KEY)
        return performance.now() - since
      }
      assert.equal(answer.status, 200)
      assert.ok(askedMs <= BOUND_MS, 'accepted past the published bound')
    }
  }

  it('share a key: created by one, used at the other, limited to its permissions, rotated and revoked', async () => {
    const value = await create('slice')
    for (const api of [here.api, there]) {
      assert.deepEqual((await here.request('GET', '/sandbox', value, { api })).body, { items: [], nextCursor: null })
      const denied = await here.request('POST', '/sandbox', value, { api, body: {} })
      assert.deepEqual([denied.status, denied.body], [403, FORBIDDEN])
    }
    const path = '/api-keys/slice'
    const rotated = await here.request('POST', `${path}/rotate`, token, { organization, api: there })
    assert.equal(rotated.status, 201)
    const { value: next } = rotated.body as { value: string }
    assert.equal((await here.request('GET', '/sandbox', value, { api: there })).status, 401)
    await untilDeniedThere(value, performance.now())
    assert.equal((await here.request('GET', '/sandbox', next, { api: here.api })).status, 200)
    assert.equal((await here.request('DELETE', path, token, { organization, api: there })).status, 204)
    assert.deepEqual((await here.request('GET', '/sandbox', next, { api: there })).body, UNAUTHORIZED_KEY)
    await untilDeniedThere(next, performance.now())
  })

  for (const [what, times, revoke] of [
    ['deleted', 100, (name: string) => here.request('DELETE', `/api-keys/${name}`, token, { organization })],
    [
      'rotated without grace',
      50,
      (name: string) => here.request('POST', `/api-keys/${name}/rotate`, token, { organization }),
    ],
  ] as const) {
    it(`refuse at one, within the bound, a key that is ${what} at the other, ${times} times`, async (t) => {
      const took: number[] = []
      for (let count = 0; count < times; count += 1) {
        const name = `${what} ${count}`
        const value = await create(name)
        assert.equal((await here.request('GET', '/sandbox', value, { api: there })).status, 200)
        assert.ok((await revoke(encodeURIComponent(name))).status < 300)
        const acknowledged = performance.now()
        assert.equal((await here.request('GET', '/sandbox', value)).status, 401)
        took.push(await untilDeniedThere(value, acknowledged))
      }
      took.sort((a, b) => a - b)
      const at = (share: number) => (took[Math.floor(share * (took.length - 1))] ?? 0).toFixed(1)
      t.diagnostic(`refused there after ms: median ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, max ${at(1)}`)
    })
  }
})
