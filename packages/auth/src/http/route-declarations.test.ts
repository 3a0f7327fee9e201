import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { permissionNames } from '@daytona-auth/protocol/scopes'
import type { RouteOptions } from 'fastify'
import { isManagementWrite } from '../limits/write-slots.ts'
import { checkRouteDeclaration } from './route-declarations.ts'

type Config = Record<string, unknown>

// Also declarations that the types forbid: a route may be built from data.
const route = (config: Config | undefined, url = '/x', method: RouteOptions['method'] = 'GET') =>
  ({ method, url, config, handler: async () => ({}) }) as unknown as RouteOptions

describe('a declaration', () => {
  for (const [what, config, url, message] of [
    ['without a configuration', undefined, '/x', /GET \/x declares no access$/],
    ['without access', {}, '/x', /declares no access/],
    ['with an organization only', { organization: 'header' }, '/x', /declares no access/],
    ['of unknown access', { access: 'read:everything' }, '/x', /requires unknown access read:everything/],
    ['of inherited access', { access: 'toString' }, '/x', /requires unknown access toString/],
    ['of an unknown source', { access: 'public', organization: 'query' }, '/x', /unknown organization source query/],
    [
      'of a permission without a source',
      { access: 'read:volumes' },
      '/x',
      /requires read:volumes and names no organization/,
    ],
    [
      'of a permission with the source none',
      { access: 'read:volumes', organization: 'none' },
      '/x',
      /names no organization/,
    ],
    [
      'of a resource write without a source',
      { access: 'authenticated', resourceWrite: true },
      '/x',
      /writes resources and names no organization/,
    ],
    [
      'of required permissions without a source',
      { access: 'authenticated', requiredPermissions: () => [], queryMembers: {} },
      '/x',
      /has requiredPermissions and names no organization/,
    ],
    [
      'of required permissions without bounds',
      { access: 'authenticated', organization: 'header', requiredPermissions: () => [] },
      '/x',
      /does not bound its query/,
    ],
    [
      'of a path without a parameter',
      { access: 'authenticated', organization: 'path' },
      '/organizations/:id',
      /has no :organizationId/,
    ],
    [
      'of a path with a longer parameter',
      { access: 'authenticated', organization: 'path' },
      '/o/:organizationIdx',
      /has no :organizationId/,
    ],
    [
      'of a path with a prefixed parameter',
      { access: 'authenticated', organization: 'path' },
      '/o-:organizationId',
      /has no :organizationId/,
    ],
  ] as const) {
    it(`${what} stops the boot`, () => assert.throws(() => checkRouteDeclaration(route(config, url)), message))
  }

  for (const [config, url] of [
    [{ access: 'public' }, '/x'],
    [{ access: 'authenticated' }, '/x'],
    [{ access: 'person', organization: 'none' }, '/x'],
    [{ access: 'authenticated', organization: 'header', resourceWrite: true }, '/x'],
    [{ access: 'authenticated', organization: 'header', requiredPermissions: () => [], queryMembers: {} }, '/x'],
    [{ access: 'person', organization: 'path' }, '/organizations/:organizationId'],
    [{ access: 'admin:organization', organization: 'path' }, '/organizations/:organizationId/apps'],
  ] as const) {
    it(`is good: ${JSON.stringify(config)} ${url}`, () => checkRouteDeclaration(route(config, url)))
  }

  it('is good for each permission with an organization', () => {
    for (const access of permissionNames()) checkRouteDeclaration(route({ access, organization: 'header' }))
  })
})

describe('a management write', () => {
  for (const [method, config, expected] of [
    ['GET', { access: 'authenticated' }, false],
    ['HEAD', { access: 'authenticated' }, false],
    ['OPTIONS', { access: 'authenticated' }, false],
    ['POST', { access: 'authenticated' }, true],
    ['PUT', { access: 'person' }, true],
    ['PATCH', { access: 'admin:organization', organization: 'path' }, true],
    ['DELETE', { access: 'authenticated' }, true],
    [['GET', 'HEAD'], { access: 'authenticated' }, false],
    [['GET', 'POST'], { access: 'authenticated' }, true],
    ['POST', { access: 'public' }, false],
    ['POST', { access: 'write:sandboxes', organization: 'header', resourceWrite: true }, false],
    ['POST', { access: 'authenticated', managementWrite: false }, false],
    ['GET', { access: 'authenticated', managementWrite: true }, true],
    ['POST', { access: 'public', managementWrite: true }, true],
  ] as const) {
    it(`${expected ? 'is' : 'is not'} ${String(method)} with ${JSON.stringify(config)}`, () => {
      assert.equal(isManagementWrite(route(config, '/x', method as RouteOptions['method'])), expected)
    })
  }
})
