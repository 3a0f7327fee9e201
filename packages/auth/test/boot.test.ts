import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { createLogger, createServer } from '@daytona-auth/service'
import type { RouteOptions } from 'fastify'
import { authentication } from '../src/http/plugin.ts'
import { bearer, guardedServer, METADATA } from './guarded-server.ts'

const { admin, get, log, process } = await guardedServer({ after })

describe('a route', () => {
  for (const [what, options, message] of [
    ['declares no access', {}, /GET \/x declares no access/],
    ['declares unknown access', { config: { access: 'read:sandbox' } }, /unknown access read:sandbox/],
    ['declares an inherited name', { config: { access: 'constructor' } }, /unknown access constructor/],
    [
      'requires a permission without an organization',
      { config: { access: 'read:sandboxes' } },
      /names no organization/,
    ],
    [
      'requires a permission and declares no organization',
      { config: { access: 'read:sandboxes', organization: 'none' } },
      /names no organization/,
    ],
    [
      'declares an unknown organization source',
      { config: { access: 'authenticated', organization: 'body' } },
      /unknown organization source body/,
    ],
    [
      'declares a path without an organization',
      { config: { access: 'authenticated', organization: 'path' } },
      /no :organizationId/,
    ],
    [
      'writes resources without an organization',
      { config: { access: 'authenticated', resourceWrite: true } },
      /names no organization/,
    ],
  ] as const) {
    it(`that ${what} does not boot`, async () => {
      const fastify = createServer({ logger: createLogger({ service: 'test', stream: log.stream }) })
      fastify.register(authentication, { verifier: process.verifier, resourceMetadataUrl: METADATA })
      const route = { method: 'GET', url: '/x', handler: async () => ({}), ...options } as unknown as RouteOptions
      fastify.register(async (scope) => void scope.route(route))
      await assert.rejects(async () => fastify.ready(), message)
    })
  }

  it('that was registered before its guard serves no request', async () => {
    const fastify = createServer({ logger: createLogger({ service: 'test', stream: log.stream }) })
    fastify.get('/early', async () => ({ secret: true }))
    fastify.register(authentication, { verifier: process.verifier, resourceMetadataUrl: METADATA })
    const response = await fastify.inject({ url: '/early', headers: bearer(admin.key) })
    assert.equal(response.statusCode, 500)
    assert.ok(!response.body.includes('secret'))
  })

  it('that does not exist is a 404 for every caller', async () => {
    for (const headers of [{}, bearer(admin.key), bearer('dta_nonsense')]) {
      assert.equal((await get('/nothing/here', headers)).statusCode, 404)
    }
  })
})
