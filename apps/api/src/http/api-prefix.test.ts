import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stripApiPrefix } from './api-prefix.ts'

describe('stripApiPrefix', () => {
  const table: Record<string, string> = {
    '/api/api-keys': '/api-keys',
    '/api/api-keys?status=all': '/api-keys?status=all',
    '/api/sandbox': '/sandbox',
    '/api/oauth-apps': '/oauth-apps',
    '/api/healthy': '/healthy',
    '/api/': '/',
    '/api/?q': '/?q',
    '/api': '/api',
    '/api-keys': '/api-keys',
    '/apis/sandbox': '/apis/sandbox',
    '/api/api/sandbox': '/api/api/sandbox',
    '/api/api': '/api/api',
    '/api/oauth/token': '/api/oauth/token',
    '/api/%6fauth/token': '/api/%6fauth/token',
    '/api/.well-known/jwks.json': '/api/.well-known/jwks.json',
    '/api/health': '/api/health',
    '/api/health/ready': '/api/health/ready',
    '/api/health?x': '/api/health?x',
    '/api/%zz': '/%zz',
    '/API/sandbox': '/API/sandbox',
  }
  for (const [given, routed] of Object.entries(table)) {
    it(`routes ${given} as ${routed}`, () => assert.equal(stripApiPrefix(given), routed))
  }
})
