import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { unicodeString } from '@daytona-auth/testing/unicode'
import fc from 'fast-check'
import { browser, redeem, testProvider } from './fixture.ts'

const provider = await testProvider(
  { after },
  // High limits: the code behind them is under test.
  { env: { DEVICE_CODES_ADDRESS_LIMIT: '1000000', USER_CODE_GUESSES_ADDRESS_LIMIT: '1000000' } },
)
const { issuer } = provider
const person = await provider.person()
const app = await provider.client(person)
const spa = await provider.client(person, { type: 'spa', redirectUris: ['https://spa.example.com/cb'] })
const at = browser(provider, person)
const authorization = await at.authorize(app, { scope: 'openid offline_access' })
const { body: tokens } = await redeem(provider, app, authorization)
const cookie = at.visitor.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')

const ROUTES = [
  'GET /oauth/authorize',
  'POST /oauth/authorize',
  'GET /oauth/authorize/x',
  'POST /oauth/token',
  'POST /oauth/revoke',
  'POST /oauth/introspect',
  'GET /oauth/userinfo',
  'POST /oauth/userinfo',
  'GET /oauth/logout',
  'POST /oauth/logout',
  'POST /oauth/logout/confirm',
  'POST /oauth/device_authorization',
  'POST /oauth/par',
  'GET /oauth/device',
  'POST /oauth/device',
  'GET /oauth/device/x',
  'GET /oauth/logout/success',
  'OPTIONS /oauth/token',
  'GET /.well-known/openid-configuration',
  'GET /.well-known/jwks.json',
]

/** Values of a parameter: valid ones, so that requests get far, and invalid ones. */
const value = fc.oneof(
  fc.constantFrom(
    app.clientId,
    spa.clientId,
    'daytona-dashboard',
    app.redirectUri,
    'https://spa.example.com/cb',
    'code',
    'S256',
    'x'.repeat(43),
    'openid',
    'openid offline_access',
    'none',
    'login consent',
    'form_post',
    'authorization_code',
    'refresh_token',
    'urn:ietf:params:oauth:grant-type:device_code',
    'daytona-cli',
    'BCDF-GHJK',
    tokens['refresh_token'] ?? '',
    tokens['access_token'] ?? '',
    tokens['id_token'] ?? '',
    issuer,
    authorization.code,
    authorization.verifier,
    app.secret ?? '',
    '0',
    '-1',
    '1e400',
    '{}',
    '[]',
    'null',
    'yes',

    '',
    '\0',
    '\ud800',
    '%',
    '../',
    '__proto__',
    '<script>',
    "' OR 1=1 --",
    '\r\nx: y',
    'http://[',
    'javascript:1',
  ),
  unicodeString({ maxLength: 40 }),
  fc.nat({ max: 3000 }).map((length) => 'x'.repeat(length)),
)
const name = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom(
      'client_id',
      'client_secret',
      'redirect_uri',
      'response_type',
      'response_mode',
      'scope',
      'state',
      'nonce',
      'prompt',
      'max_age',
      'code_challenge',
      'code_challenge_method',
      'resource',
      'claims',
      'request',
      'request_uri',
      'login_hint',
      'id_token_hint',
      'acr_values',
      'grant_type',
      'code',
      'code_verifier',
      'refresh_token',
      'token',
      'token_type_hint',
      'post_logout_redirect_uri',
      'user_code',
      'device_code',
      'confirm',
      'abort',
      'logout',
      'xsrf',
      'access_token',
      'ui_locales',
      'registration',
      'display',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'a[b]', '') },
)
const pairs = fc
  .array(fc.tuple(name, value), { maxLength: 9 })
  .map((list) => list.map((pair) => pair.map((text) => encodeURIComponent(text.toWellFormed())).join('=')).join('&'))
const authorizationHeader = fc.constantFrom(
  undefined,
  'Bearer',
  'Bearer x',
  `Bearer ${tokens['access_token']}`,
  `Bearer ${tokens['id_token']}`,
  'Basic',
  'Basic %',
  `Basic ${btoa(`${app.clientId}:${app.secret}`)}`,
  `Basic ${btoa(`${app.clientId}:%zz`)}`,
  `Basic ${btoa('x')}`,
  'DPoP x',
)
const contentType = fc.constantFrom('application/x-www-form-urlencoded', 'application/json', 'text/plain', 'x')

/** Sends `runs` malformed requests to each route of a provider with a database of its own. */
export function describeFuzz(runs: number): void {
  describe('arbitrary input to the protocol endpoints', () => {
    for (const route of ROUTES) {
      it(`causes no server error: ${route}`, async () => {
        const [method = '', path = ''] = route.split(' ')
        await fc.assert(
          fc.asyncProperty(
            pairs,
            pairs,
            contentType,
            authorizationHeader,
            fc.boolean(),
            fc.constantFrom(undefined, 'null', 'https://spa.example.com'),
            async (query, form, type, credential, signedIn, origin) => {
              const response = await fetch(`${issuer}${path}?${query}`, {
                method,
                redirect: 'manual',
                headers: {
                  accept: 'text/html',
                  ...(signedIn && { cookie }),
                  ...(credential && { authorization: credential }),
                  ...(origin && { origin }),
                  ...(method === 'POST' && { 'content-type': type }),
                },
                ...(method === 'POST' && { body: form }),
              })
              const text = await response.text()
              assert.ok(response.status < 500, `${response.status} ${text}`)
              assert.ok(!text.includes('<script>alert') && !text.includes('value="<script>'))
            },
          ),
          { numRuns: runs },
        )
      })
    }
  })
}
