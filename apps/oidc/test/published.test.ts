import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, describe, it } from 'node:test'
import { permissionNames } from '@daytona-auth/auth'
import { createLogger } from '@daytona-auth/service'
import { captureLog } from '@daytona-auth/testing'
import { loadProviderConfig, startProvider } from '../src/index.ts'
import { authorizationPath, jwks, testProvider } from './fixture.ts'

const provider = await testProvider({ after }, { makesKeys: true })
const { issuer } = provider
const DISCOVERY = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']

/** None of a shared secret: only its digest is stored. */
const ASSERTION_ALGORITHMS = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA']

describe('discovery', () => {
  for (const path of DISCOVERY) {
    it(`describes exactly the supported features, all at the issuer (${path})`, async () => {
      const response = await fetch(issuer + path)
      assert.equal(response.headers.get('cache-control'), 'public, max-age=300')
      assert.equal(response.headers.get('access-control-allow-origin'), '*')
      const document = (await response.json()) as Record<string, unknown>
      // In the order of the keys, which is that of their random ids.
      const algorithms = document['id_token_signing_alg_values_supported'] as string[]
      assert.deepEqual(
        { ...document, id_token_signing_alg_values_supported: algorithms.toSorted() },
        {
          issuer,
          authorization_endpoint: `${issuer}/oauth/authorize`,
          token_endpoint: `${issuer}/oauth/token`,
          userinfo_endpoint: `${issuer}/oauth/userinfo`,
          jwks_uri: `${issuer}/.well-known/jwks.json`,
          device_authorization_endpoint: `${issuer}/oauth/device_authorization`,
          revocation_endpoint: `${issuer}/oauth/revoke`,
          pushed_authorization_request_endpoint: `${issuer}/oauth/par`,
          introspection_endpoint: `${issuer}/oauth/introspect`,
          revocation_endpoint_auth_methods_supported: [
            'none',
            'client_secret_basic',
            'client_secret_post',
            'private_key_jwt',
          ],
          revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
          introspection_endpoint_auth_methods_supported: [
            'client_secret_basic',
            'client_secret_post',
            'private_key_jwt',
          ],
          introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
          dpop_signing_alg_values_supported: ['ES256', 'Ed25519', 'EdDSA'],
          end_session_endpoint: `${issuer}/oauth/logout`,
          backchannel_logout_supported: true,
          backchannel_logout_session_supported: true,
          scopes_supported: ['openid', 'profile', 'email', 'offline_access', ...permissionNames()],
          claims_supported: [
            'sub',
            'auth_time',
            'acr',
            'amr',
            'at_hash',
            'name',
            'preferred_username',
            'locale',
            'zoneinfo',
            'updated_at',
            'email',
            'email_verified',
            'sid',
            'iss',
          ],
          prompt_values_supported: ['none', 'login', 'consent', 'select_account', 'create'],
          ui_locales_supported: ['en', 'de'],
          response_types_supported: ['code', 'none'],
          response_modes_supported: ['form_post', 'fragment', 'query'],
          grant_types_supported: [
            'authorization_code',
            'refresh_token',
            'urn:ietf:params:oauth:grant-type:device_code',
          ],
          code_challenge_methods_supported: ['S256'],
          token_endpoint_auth_methods_supported: [
            'none',
            'client_secret_basic',
            'client_secret_post',
            'private_key_jwt',
          ],
          token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
          id_token_signing_alg_values_supported: ['ES256', 'RS256'],
          subject_types_supported: ['public'],
          authorization_response_iss_parameter_supported: true,
          acr_values_supported: ['urn:daytona:acr:password', 'urn:daytona:acr:trusted-browser', 'urn:daytona:acr:mfa'],
          claim_types_supported: ['normal'],
          claims_parameter_supported: true,
          request_parameter_supported: true,
          request_object_signing_alg_values_supported: ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'],
          request_uri_parameter_supported: false,
        },
      )
    })
  }

  it('lists existing endpoints', async () => {
    const document = (await (await fetch(issuer + DISCOVERY[0])).json()) as Record<string, unknown>
    for (const [name, url] of Object.entries(document)) {
      if (!/_endpoint$|_uri$/.test(name)) continue
      const method = /token|revocation|introspection|device|pushed/.test(name) ? 'POST' : 'GET'
      assert.notEqual((await fetch(String(url), { method, redirect: 'manual' })).status, 404, name)
    }
  })
})

describe('the Host header', () => {
  it('must be that of the issuer on every path of the provider', async () => {
    for (const path of [
      ...DISCOVERY,
      '/.well-known/jwks.json',
      '/oauth/authorize',
      '/oauth/userinfo',
      '/oauth/logout',
      '/oauth/device',
    ]) {
      for (const host of ['attacker.example', new URL(issuer).hostname, `${new URL(issuer).host}.attacker.example`]) {
        const { status, body } = await ask(path, { host })
        assert.deepEqual(
          [status, JSON.parse(body)],
          [
            421,
            {
              error: 'invalid_request',
              error_description: `This host is not served here: use ${provider.issuer}`,
            },
          ],
          `${path} ${host}`,
        )
      }
    }
  })

  it('is ignored for health checks', async () => {
    for (const path of ['/health', '/health/ready']) assert.equal((await ask(path, { host: 'anything' })).status, 200)
  })

  it('is not overridden by forwarded headers of an untrusted peer', async () => {
    const { host } = new URL(issuer)
    const forwarded = {
      'x-forwarded-host': 'attacker.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=attacker.example',
    }
    const { status, body } = await ask(DISCOVERY[0] ?? '', { host, ...forwarded })
    assert.equal(status, 200)
    assert.doesNotMatch(body, /attacker|https:/)
    assert.equal((await ask(DISCOVERY[0] ?? '', { host: 'attacker.example', 'x-forwarded-host': host })).status, 421)
  })
})

describe('behind a trusted proxy', () => {
  it('serves an https issuer under the proxy’s name, with Secure cookies', async (t) => {
    const https = await testProvider(t, { env: { ISSUER: 'https://id.example.com', TRUSTED_PROXIES: '127.0.0.1' } })
    const headers = {
      'x-forwarded-host': 'id.example.com',
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '203.0.113.7',
    }
    const document = await fetch(`${https.url}${DISCOVERY[0]}`, { headers })
    assert.equal(
      ((await document.json()) as Record<string, string>)['token_endpoint'],
      'https://id.example.com/oauth/token',
    )
    const misdirected = await fetch(`${https.url}${DISCOVERY[0]}`, {
      headers: { ...headers, 'x-forwarded-host': 'attacker.example' },
    })
    assert.equal(misdirected.status, 421)

    const person = await https.person()
    const app = await https.client(person)
    const started = await fetch(https.url + authorizationPath(app), { headers, redirect: 'manual' })
    const cookies = started.headers.getSetCookie()
    assert.deepEqual(
      new Set(cookies.map((cookie) => cookie.split('=')[0])),
      new Set(['__Secure-interaction', '__Secure-interaction.sig', '__Secure-resume', '__Secure-resume.sig']),
    )
    for (const cookie of cookies) assert.match(cookie, /; secure; httponly$|; samesite=lax; secure; httponly$/i)
    assert.match(String(started.headers.get('location')), /^\/oauth\/interaction\//)
  })
})

describe('the published keys', () => {
  it('are public halves only, one for each algorithm, cacheable for five minutes', async () => {
    const response = await fetch(`${issuer}/.well-known/jwks.json`)
    assert.equal(response.headers.get('cache-control'), 'public, max-age=300')
    assert.equal(response.headers.get('access-control-allow-origin'), '*')
    const keys = await jwks(provider)
    assert.deepEqual(keys.map((key) => [key.alg, Object.keys(key).sort()]).sort(), [
      ['ES256', ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']],
      ['RS256', ['alg', 'e', 'kid', 'kty', 'n', 'use']],
    ])
  })

  it('are the same for every process, and for one that starts later', async (t) => {
    const again = await start(t, provider.secrets.signingKeys)
    const url = `http://127.0.0.1:${again.port}/.well-known/jwks.json`
    const { body } = await ask(url, { host: new URL(issuer).host })
    assert.deepEqual(JSON.parse(body), { keys: await jwks(provider) })
  })

  it('are created once, also when two processes start for the first time concurrently', async (t) => {
    const fresh = await testProvider(t)
    await fresh.database.$client`DELETE FROM signing_keys`
    const started = await Promise.all([
      start(t, fresh.secrets.signingKeys, fresh),
      start(t, fresh.secrets.signingKeys, fresh),
    ])
    assert.equal(started.length, 2)
    const rows = await fresh.database.$client`SELECT alg, status FROM signing_keys ORDER BY alg`
    assert.deepEqual(
      [...rows],
      [
        { alg: 'ES256', status: 'active' },
        { alg: 'RS256', status: 'active' },
      ],
    )
  })

  it('have private halves that only the right secret opens, and that are encrypted in the database', async (t) => {
    await assert.rejects(start(t, 'another secret of at least thirty-two'), /SIGNING_KEYS_SECRET is not the one/)
    for (const { private_jwk: stored } of await provider.database.$client`SELECT private_jwk FROM signing_keys`) {
      assert.match(stored, /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/)
      assert.deepEqual(JSON.parse(Buffer.from(stored.split('.')[0], 'base64url').toString()), {
        alg: 'dir',
        enc: 'A256GCM',
      })
    }
  })
})

/** Starts another process on the same database. */
async function start(t: { after(fn: () => unknown): void }, secret: string, { databaseUrl, secrets } = provider) {
  const config = loadProviderConfig({
    DATABASE_URL: databaseUrl,
    ISSUER: issuer,
    PORT: '0',
    SIGNING_KEYS_SECRET: secret,
    COOKIE_KEYS: secrets.cookies,
  })
  const running = await startProvider(config, {
    logger: createLogger({ service: 'oidc', stream: captureLog().stream }),
  })
  t.after(() => running.close())
  return running
}

/** Sends a request with its own Host header, which fetch does not allow. */
function ask(url: string, headers: Record<string, string>): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(url, provider.url), { headers }, async (response) => {
      let body = ''
      for await (const chunk of response) body += chunk
      resolve({ status: response.statusCode, body })
    })
    sent.on('error', reject).end()
  })
}
