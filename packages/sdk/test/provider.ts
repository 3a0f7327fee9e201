import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Scope } from '@daytona-auth/testing'
import { type TokenSigner, tokenSigner } from '@daytona-auth/testing/token-signer'
import type { JWTHeaderParameters, JWTPayload } from 'jose'

/** A provider for tests, which can sign and send anything, and fail. */
export interface TestProvider {
  readonly issuer: string
  /** Documents by path. */
  readonly documents: Map<string, unknown>
  /** Paths of its requests, in order. */
  readonly asked: string[]
  /** Creates the introspection response; the status is 200 by default. */
  introspection: (token: string, request: IncomingMessage) => { status?: number; headers?: object; body: unknown }
  /** Replaces its keys by a new one and returns it. */
  rotate(kid: string): Promise<TokenSigner>
  /** Signs a token like the provider's, with changes. */
  token(changes?: TokenChanges): Promise<string>
}

export interface TokenChanges {
  readonly claims?: JWTPayload
  readonly header?: Partial<JWTHeaderParameters>
  readonly key?: CryptoKey | Uint8Array
}

export const AUDIENCE = 'https://api.example.com'

export async function startProvider(scope: Scope): Promise<TestProvider> {
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const path = String(request.url)
    provider.asked.push(path)
    const json = (status: number, answer: unknown, headers: object = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(answer))
    if (path === '/introspect') {
      const { status = 200, headers = {}, body: answer } = provider.introspection(formOf(body), request)
      return json(status, answer, headers)
    }
    return provider.documents.has(path) ? json(200, provider.documents.get(path)) : json(404, {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`

  let signer: TokenSigner
  const provider: TestProvider = {
    issuer,
    documents: new Map<string, unknown>([
      [
        '/.well-known/openid-configuration',
        { issuer, jwks_uri: `${issuer}/jwks`, introspection_endpoint: `${issuer}/introspect` },
      ],
    ]),
    asked: [],
    introspection: () => ({ body: { active: false } }),
    async rotate(next) {
      signer = await tokenSigner('ES256', next)
      provider.documents.set('/jwks', { keys: [{ ...signer.publicJwk, kid: next, alg: 'ES256', use: 'sig' }] })
      return signer
    },
    async token({ claims = {}, header = {}, key = signer.privateKey } = {}) {
      const now = Math.floor(Date.now() / 1000)
      const whole = {
        iss: issuer,
        sub: 'usr_1',
        aud: AUDIENCE,
        client_id: 'app_2',
        jti: 'j1',
        gid: 'grant_1',
        scope: 'openid read:sandboxes',
        iat: now,
        exp: now + 3600,
      }
      return signer.sign({ ...whole, ...claims }, header, { key, crit: { x: true } })
    },
  }
  await provider.rotate('first')
  return provider
}

const formOf = (body: string): string => new URLSearchParams(body).get('token') ?? ''
