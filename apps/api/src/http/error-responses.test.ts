import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ErrorStatus, errors } from '@daytona-auth/service'
import { fastify } from 'fastify'
import { type AnsweringRoute, derivedErrorStatuses, derivedErrors, errorResponses } from './error-responses.ts'

const route = (method: string, url: string, config: NonNullable<AnsweringRoute['config']>): AnsweringRoute => ({
  method,
  url,
  config,
})

describe('derivedErrorStatuses', () => {
  const cases: readonly [title: string, AnsweringRoute, readonly number[]][] = [
    ['a public route', route('POST', '/things/:id', { access: 'public' }), []],
    [
      'any credential',
      route('GET', '/things', { access: 'authenticated', organization: 'none' }),
      [400, 401, 429, 503],
    ],
    [
      'any credential, organization in the header',
      route('GET', '/things', { access: 'authenticated', organization: 'header' }),
      [400, 401, 403, 429, 503],
    ],
    [
      'any credential, organization in the path',
      route('GET', '/organizations/:organizationId', { access: 'authenticated', organization: 'path' }),
      [400, 401, 404, 429, 503],
    ],
    ['a person', route('DELETE', '/things', { access: 'person', organization: 'none' }), [400, 401, 403, 429, 503]],
    [
      'a permission and a body',
      route('PATCH', '/things/:id', { access: 'write:sandboxes', organization: 'header' }),
      [400, 401, 403, 404, 413, 415, 429, 503],
    ],
    [
      'a body',
      route('PUT', '/things', { access: 'authenticated', organization: 'none' }),
      [400, 401, 413, 415, 429, 503],
    ],
  ]
  for (const [title, given, expected] of cases) {
    it(`returns ${expected.join(', ') || 'nothing'} for ${title}`, () => {
      assert.deepEqual([...derivedErrorStatuses(given)].sort(), expected)
      assert.deepEqual(Object.keys(derivedErrors(given)), expected.map(String))
    })
  }
})

describe('a server', () => {
  const start = async (...statuses: ErrorStatus[]) => {
    const app = fastify()
    await app.register(errorResponses)
    app.setValidatorCompiler(() => () => true)
    app.setSerializerCompiler(() => JSON.stringify)
    app.route({
      ...route('PATCH', '/things/:id', { access: 'authenticated', organization: 'path' }),
      schema: { response: errors(...statuses) },
      handler: async () => {},
    })
    await app.ready()
  }

  for (const status of derivedErrorStatuses(route('PATCH', '/things/:id', { access: 'authenticated' }))) {
    it(`does not start with a route that declares ${status}, which it can answer anyway`, async () => {
      await assert.rejects(start(409, status), {
        message: `PATCH /things/:id declares ${status}, which every such route can answer`,
      })
    })
  }

  it('starts with a route that declares only the statuses of its handler', async () => {
    await start(403, 409)
  })
})
