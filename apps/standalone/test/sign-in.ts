import assert from 'node:assert/strict'

/** RFC 7636, appendix B. */
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

/**
 * Signs in as a browser without JavaScript would, from the dashboard's authorization request on.
 * @returns the address that the dashboard is sent back to, and the browser's cookies.
 */
export async function signInToDashboard(origin: string, user: { email: string; password: string }) {
  const cookies = new Map<string, string>()
  const request = new URL('/oauth/authorize', origin)
  request.search = String(
    new URLSearchParams({
      client_id: 'daytona-dashboard',
      redirect_uri: `${origin}/dashboard/callback`,
      response_type: 'code',
      scope: 'openid',
      state: 'somewhere',
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
    }),
  )
  const page = await follow(request, {}, cookies)
  assert.ok(page.response, `no sign-in page but ${page.url}`)
  const html = await page.response.text()
  const form = new URLSearchParams(
    [...html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]) => [
      attributeOf(input, 'name'),
      attributeOf(input, 'value'),
    ]),
  )
  form.set('email', user.email)
  form.set('password', user.password)
  const action = new URL(/<form[^>]*action="([^"]*)"/.exec(html)?.[1] ?? '', page.url)
  const done = await follow(action, { method: 'POST', body: form, headers: { origin } }, cookies)
  return { url: done.url, cookies }
}

const attributeOf = (input: string, attribute: string) => new RegExp(`${attribute}="([^"]*)"`).exec(input)?.[1] ?? ''

/** Follows redirects with a cookie jar until a page comes, or until they leave for the dashboard. */
async function follow(first: URL, init: RequestInit, cookies: Map<string, string>) {
  let url = first
  let next = init
  for (let hop = 0; hop < 10; hop += 1) {
    if (url.pathname.startsWith('/dashboard')) return { url, response: undefined }
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { ...next, redirect: 'manual', headers: { ...next.headers, cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (!location) return { url, response }
    url = new URL(location, url)
    next = {}
  }
  throw new Error(`redirected in a circle: ${url}`)
}
