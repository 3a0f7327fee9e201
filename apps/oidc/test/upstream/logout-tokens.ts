import { randomUUID } from 'node:crypto'
import { importJWK, SignJWT } from 'jose'
import type { MockUpstream } from './mock-upstream.ts'

export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

export interface LogoutToken {
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
}

/** The claims of a logout token of a provider to its client `daytona`. `undefined` leaves one out. */
export function logoutClaims({ issuer }: { readonly issuer: string }, claims: Record<string, unknown> = {}) {
  const now = Math.floor(Date.now() / 1000)
  const all = {
    iss: issuer,
    aud: 'daytona',
    iat: now,
    exp: now + 120,
    jti: randomUUID(),
    events: { [LOGOUT_EVENT]: {} },
    ...claims,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** Signs a logout token with the key of the mock, whose tokens cannot be given another header or other claims. */
export async function signLogoutToken(mock: MockUpstream, { claims, header }: LogoutToken = {}): Promise<string> {
  const [jwk] = mock.server.issuer.keys.toJSON(true)
  if (!jwk) throw new Error('the mock has no key')
  return new SignJWT(logoutClaims(mock, claims))
    .setProtectedHeader({ alg: 'RS256', kid: String(jwk.kid), typ: 'logout+jwt', ...header })
    .sign(await importJWK(jwk as Parameters<typeof importJWK>[0], 'RS256'))
}

export interface LogoutAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** Sends a form to the endpoint for logout tokens, as a provider does. */
export async function sendLogout(
  { issuer }: { readonly issuer: string },
  name: string,
  form: string | Record<string, string> | URLSearchParams,
): Promise<LogoutAnswer> {
  const response = await fetch(`${issuer}/oauth/upstream/${name}/backchannel-logout`, {
    method: 'POST',
    body: new URLSearchParams(form),
  })
  return { status: response.status, headers: response.headers, body: await response.text() }
}
