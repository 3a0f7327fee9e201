import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { world } from '../../../test/world.ts'

const { request, api } = await world({ after }, { API_AUDIENCE: 'https://audience.example.test' })

describe('GET /config', () => {
  it('has every member that stock clients require', async () => {
    assert.deepEqual((await request('GET', '/config')).body, {
      version: '0.1.0',
      oidc: {
        provider: 'daytona',
        issuer: 'https://api.example.test',
        clientId: 'daytona-dashboard',
        audience: 'https://audience.example.test',
        cli: { issuer: 'https://api.example.test', clientId: 'daytona-cli' },
      },
      linkedAccountsEnabled: false,
      announcements: {},
      proxyTemplateUrl: '',
      proxyToolboxUrl: 'https://api.example.test/toolbox',
      defaultSnapshot: '',
      dashboardUrl: 'https://api.example.test/dashboard',
      maxAutoArchiveInterval: 43200,
      maintananceMode: false,
      environment: 'self-hosted',
    })
  })
})

describe('GET /shared-regions', () => {
  it('has the one region without a credential, with every member that stock clients require', async () => {
    const epoch = '1970-01-01T00:00:00.000Z'
    assert.deepEqual((await request('GET', '/shared-regions')).body, [
      {
        id: 'local',
        name: 'local',
        organizationId: null,
        regionType: 'shared',
        createdAt: epoch,
        updatedAt: epoch,
        proxyUrl: null,
        sshGatewayUrl: null,
        snapshotManagerUrl: null,
        otelEndpoint: null,
      },
    ])
  })
})

describe('GET /.well-known/oauth-protected-resource', () => {
  it('has the protected resource metadata', async () => {
    const answer = await request('GET', '/.well-known/oauth-protected-resource')
    assert.equal(answer.headers.get('cache-control'), 'public, max-age=300')
    assert.deepEqual(answer.body, {
      resource: 'https://audience.example.test',
      authorization_servers: ['https://api.example.test'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: ['ES256', 'Ed25519', 'EdDSA'],
      resource_name: 'Daytona API',
    })
  })
})

describe('health', () => {
  it('reports liveness and readiness', async () => {
    assert.deepEqual((await request('GET', '/health')).body, { status: 'ok' })
    assert.deepEqual((await request('GET', '/health/ready')).body, {
      status: 'ready',
      checks: { database: 'ok', migrations: 'ok', 'signing-keys': 'ok' },
    })
  })
})

describe('the provider’s paths', () => {
  it('answer 404 without PROVIDER_URL', async () => {
    for (const path of ['/oauth/token', '/.well-known/openid-configuration', '/.well-known/jwks.json']) {
      assert.equal((await fetch(api.url + path)).status, 404)
    }
  })
})
