import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { FastifyReply } from 'fastify'
import { rateLimiter } from '../limits/rate-limiter.ts'
import { RATE_LIMIT_HEADERS, takeFromLimit } from './rate-limit-headers.ts'

const START = 1_800_000_000_000 // the beginning of a minute

/** The headers that a response would have. */
function recorded() {
  const headers: Record<string, unknown> = {}
  const reply = { header: (name: string, value: unknown) => Object.assign(headers, { [name]: value }) }
  return { headers, reply: reply as unknown as FastifyReply }
}

/** Takes one request and returns what the caller learns: the result, then limit, remaining and reset. */
function taken(limiter: ReturnType<typeof rateLimiter>, id: string, instant: number) {
  const { headers, reply } = recorded()
  const retryAfter = takeFromLimit(reply, limiter, id, instant)
  return [retryAfter, ...RATE_LIMIT_HEADERS.map((name) => headers[name.toLowerCase()])]
}

describe('the headers of a rate limit', () => {
  it('have the published names', () => {
    assert.deepEqual(RATE_LIMIT_HEADERS, ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'])
  })

  it('are set in lower case, as Node sends them, and no other is', () => {
    const { headers, reply } = recorded()
    takeFromLimit(reply, rateLimiter({ limit: 5 }), 'a', START)
    assert.deepEqual(headers, { 'x-ratelimit-limit': 5, 'x-ratelimit-remaining': 4, 'x-ratelimit-reset': 60 })
  })

  it('state what remains until the window ends, and the result only once nothing was left', () => {
    const limiter = rateLimiter({ limit: 2 })
    assert.deepEqual(
      [0, 15_500, 59_999, 60_000].map((passed) => taken(limiter, 'a', START + passed)),
      [
        [undefined, 2, 1, 60],
        [undefined, 2, 0, 45],
        [1, 2, 0, 1],
        [undefined, 2, 1, 60],
      ],
    )
  })

  it('never state a negative number', () => {
    const limiter = rateLimiter({ limit: 0 })
    assert.deepEqual(taken(limiter, 'a', START), [60, 0, 0, 60])
  })

  it('follow the window of the limiter', () => {
    const limiter = rateLimiter({ limit: 1, windowMs: 10_000 })
    assert.deepEqual(taken(limiter, 'a', START + 1), [undefined, 1, 0, 10])
    assert.deepEqual(taken(limiter, 'a', START + 9_000), [1, 1, 0, 1])
  })

  it('agree with the decision, for each credential in every order of requests', () => {
    const request = fc.tuple(fc.constantFrom('a', 'b'), fc.nat({ max: 20_000 }))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.array(request, { maxLength: 60 }), (limit, requests) => {
        const limiter = rateLimiter({ limit })
        let instant = START
        for (const [id, passed] of requests) {
          instant += passed
          const before = limiter.decisions.denied
          const [retryAfter, stated, remaining, reset] = taken(limiter, id, instant)
          const isDenied = limiter.decisions.denied > before
          assert.equal(stated, limit)
          assert.equal(retryAfter, isDenied ? reset : undefined)
          assert.ok(Number(remaining) >= 0 && Number(remaining) < Math.max(1, limit))
          assert.ok(Number(reset) >= 1 && Number(reset) <= 60)
          if (isDenied) assert.equal(remaining, 0)
        }
      }),
    )
  })
})
