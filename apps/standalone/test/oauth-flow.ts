import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'

export interface Client {
  readonly clientId: string
  /** Present for a confidential client. */
  readonly clientSecret?: string
  readonly redirectUri: string
  readonly scope: string
  /** The organizations to choose on the consent page, if it is shown. */
  readonly organizationIds?: readonly string[]
  /** The API to get a token for (RFC 8707); by default, that of the server. */
  readonly resource?: string
}

export interface Person {
  readonly email: string
  readonly password: string
  /** Present for a person without an account, who signs up during the flow. */
  readonly name?: string
}

export interface Authorization {
  /** The redirect URI with the parameters of the response. */
  readonly callback: URL
  readonly code: string
  readonly verifier: string
}

/** The dashboard, which never requires consent. */
export const dashboardClient = (origin: string, scope = 'openid'): Client => ({
  clientId: 'daytona-dashboard',
  redirectUri: `${origin}/dashboard/callback`,
  scope,
})

/**
 * Runs the authorization code flow as an app and a browser without JavaScript: sign-in, consent where required, code,
 * token.
 * @returns the access token.
 */
export async function obtainAccessToken(origin: string, user: Person, client: Client): Promise<string> {
  const response = await redeemCode(origin, client, await authorize(origin, user, client))
  const body = (await response.json()) as { access_token?: string }
  assert.ok(response.ok && body.access_token, JSON.stringify(body))
  return body.access_token
}

/** Creates an authorization request with PKCE. */
export function authorizationRequest(origin: string, client: Client): { readonly url: URL; readonly verifier: string } {
  const verifier = randomBytes(32).toString('base64url')
  const url = new URL('/oauth/authorize', origin)
  url.search = String(
    new URLSearchParams({
      client_id: client.clientId,
      redirect_uri: client.redirectUri,
      response_type: 'code',
      scope: client.scope,
      state: 'here',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...(client.resource !== undefined && { resource: client.resource }),
    }),
  )
  return { url, verifier }
}

/** Runs the flow up to the code. `cookies` are those of the browser. */
export async function authorize(
  origin: string,
  user: Person,
  client: Client,
  cookies = new Map<string, string>(),
): Promise<Authorization> {
  const { url, verifier } = authorizationRequest(origin, client)
  const callback = await browseToCallback(url, user, client, cookies)
  return { callback, code: codeOf(callback), verifier }
}

/** Returns the code of a successful authorization response. */
export function codeOf(callback: URL): string {
  const { code, state } = Object.fromEntries(callback.searchParams)
  assert.ok(code && state === 'here', String(callback))
  return code
}

/** Exchanges a code for tokens. */
export const redeemCode = (origin: string, client: Client, { code, verifier }: Authorization): Promise<Response> =>
  fetch(`${origin}/oauth/token`, {
    method: 'POST',
    headers: client.clientSecret ? { authorization: `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}` } : {},
    body: new URLSearchParams({
      ...(!client.clientSecret && { client_id: client.clientId }),
      grant_type: 'authorization_code',
      redirect_uri: client.redirectUri,
      code,
      code_verifier: verifier,
    }),
  })

/** Follows redirects with a cookie jar to the sign-in form. Returns where to submit it, and its token. */
export async function openSignIn(first: URL, cookies: Map<string, string>): Promise<{ action: URL; csrf: string }> {
  let url = first
  for (let hop = 0; hop < 6; hop += 1) {
    const response = await request(url, {}, cookies)
    const location = response.headers.get('location')
    const page = await response.text()
    if (!location) return { csrf: formOf(page, url).csrf, action: new URL(formOf(page, url).action, url) }
    url = new URL(location, url)
  }
  throw new Error(`redirect loop: ${url}`)
}

/** Sends a request with the cookies of a browser, and stores those of the response. */
async function request(url: URL, init: RequestInit, cookies: Map<string, string>): Promise<Response> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const response = await fetch(url, { ...init, redirect: 'manual', headers: { origin: url.origin, cookie } })
  for (const line of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    cookies.set(name, value)
  }
  return response
}

function formOf(page: string, url: URL): { readonly action: string; readonly csrf: string } {
  const [, action] = /<form[^>]*action="([^"]*)"/.exec(page) ?? []
  const [, csrf] = /name="csrf" value="([^"]*)"/.exec(page) ?? []
  assert.ok(action && csrf, `no form at ${url}: ${page}`)
  return { action, csrf }
}

/**
 * Follows redirects with a cookie jar and fills in each form, until the redirect to the app. Begins with a form that was
 * opened before, if `form` is its body.
 */
export async function browseToCallback(
  first: URL,
  { email, password, name }: Person,
  { redirectUri, organizationIds = [] }: Pick<Client, 'redirectUri' | 'organizationIds'>,
  cookies = new Map<string, string>(),
  form?: URLSearchParams,
): Promise<URL> {
  let url = first
  let init: RequestInit = form ? { method: 'POST', body: form } : {}
  for (let hop = 0; hop < 12; hop += 1) {
    if (url.href.startsWith(redirectUri)) return url
    const response = await request(url, init, cookies)
    init = {}
    const location = response.headers.get('location')
    if (location) {
      url = new URL(location, url)
      continue
    }
    const page = await response.text()
    // After a form, the browser reaches the app by a page and not by a redirect.
    const [, refresh] = /<meta http-equiv="refresh" content="0; url=([^"]*)">/.exec(page) ?? []
    if (refresh !== undefined) {
      url = new URL(refresh.replaceAll('&amp;', '&'), url)
      continue
    }
    const [, signUp] = /href="([^"]*\/sign-up)"/.exec(page) ?? []
    if (signUp && name !== undefined) {
      url = new URL(signUp, url)
      continue
    }
    const { action, csrf } = formOf(page, url)
    const filled = new URLSearchParams({ csrf })
    if (page.includes('name="password"')) {
      filled.set('email', email)
      filled.set('password', password)
      if (name !== undefined) filled.set('name', name)
    } else {
      filled.set('decision', 'allow')
      const [, resource] = /name="resource" value="([^"]*)"/.exec(page) ?? []
      if (resource !== undefined) filled.set('resource', resource)
      for (const id of organizationIds) filled.append('organization', id)
    }
    url = new URL(action, url)
    init = { method: 'POST', body: filled }
  }
  throw new Error(`redirect loop: ${url}`)
}
