import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { mintKey } from '../src/credential/api-key.ts'
import { rateLimiter } from '../src/limits/rate-limiter.ts'
import { bearer, guardedServer } from './guarded-server.ts'

const { log, reader, revoked, serve } = await guardedServer({ after })
const [server, limited] = [await serve(), await serve({ rateLimiter: rateLimiter({ limit: 0 }) })]

/** The lines that a request adds to the log. */
async function linesOf(url: string, headers: Record<string, string>, on = server): Promise<Record<string, unknown>[]> {
  const before = log.lines().length
  const response = await on.inject({ url, headers })
  const id = response.headers['x-request-id']
  // The line of a request is written after its response.
  return waitFor(() => {
    const added = log.lines().slice(before) as Record<string, unknown>[]
    return added.some((line) => JSON.stringify(line).includes(String(id))) && added
  })
}

describe('a denied request', () => {
  for (const [what, headers] of [
    ['no credential', {}],
    ['a malformed credential', bearer('dta_x')],
    ['a word', bearer('hunter2')],
  ] as const) {
    it(`with ${what} is one line, so that a flood does not write two`, async () => {
      assert.equal((await linesOf('/me', headers as Record<string, string>)).length, 1)
    })
  }

  it('over its rate limit is one line', async () => {
    assert.equal((await linesOf('/me', bearer(reader.key), limited)).length, 1)
  })

  for (const [what, headers, reason] of [
    ['a revoked key', bearer(revoked.key), 'revoked'],
    ['an unknown key', bearer(mintKey().key), 'unknown'],
    ['a missing permission', bearer(reader.key), 'lacks read:volumes'],
  ] as const) {
    it(`with ${what} states the reason that its response does not have`, async () => {
      const lines = await linesOf('/with/read-volumes', headers)
      assert.ok(JSON.stringify(lines).includes(reason), JSON.stringify(lines))
      const response = await server.inject({ url: '/with/read-volumes', headers })
      if (reason !== 'lacks read:volumes') assert.ok(!response.body.includes(reason))
    })
  }
})
