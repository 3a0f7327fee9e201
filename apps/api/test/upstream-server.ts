import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An OpenID provider on loopback, as far as the test of one goes. */
export interface UpstreamServer {
  readonly issuer: string
  /** Its OpenID configuration. */
  metadata: Readonly<Record<string, unknown>>
  readonly requests: { readonly path: string; readonly authorization: string | undefined; readonly body: string }[]
}

/** Starts a provider whose only client is `daytona`, with this secret. */
export async function upstreamServer(
  scope: { after(hook: () => void): void },
  secret: string,
): Promise<UpstreamServer> {
  const server = createServer(async (message, response) => {
    const body = Buffer.concat(await Array.fromAsync(message)).toString()
    const { url: path = '', headers } = message
    upstream.requests.push({ path, authorization: headers.authorization, body })
    const answer = (status: number, content: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content))
    if (path === '/.well-known/openid-configuration') return answer(200, upstream.metadata)
    if (path === '/jwks') return answer(200, { keys: [{ kty: 'RSA' }] })
    if (path !== '/token') return answer(404, {})
    const [id, given] = headers.authorization
      ? Buffer.from(headers.authorization.slice('Basic '.length), 'base64').toString().split(':')
      : [new URLSearchParams(body).get('client_id'), new URLSearchParams(body).get('client_secret')]
    const isKnown = id === 'daytona' && given?.replaceAll('+', ' ') === secret
    return answer(isKnown ? 400 : 401, { error: isKnown ? 'invalid_grant' : 'invalid_client' })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.after(() => server.close())
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // listens on TCP
  const upstream: UpstreamServer = {
    issuer,
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
    },
    requests: [],
  }
  return upstream
}
