import { createHash, randomBytes } from 'node:crypto'

export const CLIENT_ID = 'daytona-dashboard'

/** A signed-in browser that requests authorization codes. */
export interface Person {
  /** Runs an authorization and returns the form that redeems its code. */
  authorize(): Promise<URLSearchParams>
}

/**
 * Creates a person at a measured provider. The person signs up on the provider's sign-in page. Its first-party client
 * needs no consent, so each later authorization is one redirect.
 */
export function createPerson(issuer: string): Person {
  const cookies = new Map<string, string>()
  const redirectUri = `${issuer}/dashboard/callback`
  // One verifier for all codes: the measurement does not depend on it.
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')

  async function request(url: string, form?: URLSearchParams): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form && { method: 'POST', body: form }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return response
  }

  async function signUp(pageUrl: string, page: string): Promise<Response> {
    const [, csrf = ''] = /name="csrf" value="([^"]+)"/.exec(page) ?? []
    const email = `${randomBytes(8).toString('hex')}@example.com`
    const password = randomBytes(16).toString('base64url')
    return request(`${pageUrl}/sign-up`, new URLSearchParams({ csrf, email, password, name: 'Bench' }))
  }

  async function follow(start: string): Promise<URL> {
    let url = start
    let response = await request(url)
    for (let hops = 0; hops < 10; hops += 1) {
      const location = response.headers.get('location')
      if (location !== null) {
        url = new URL(location, url).href
        if (url.startsWith(redirectUri)) return new URL(url)
        response = await request(url)
      } else if (response.status === 200) response = await signUp(url, await response.text())
      else throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
    }
    throw new Error('too many redirects')
  }

  return {
    async authorize() {
      const parameters = new URLSearchParams({
        client_id: CLIENT_ID,
        response_type: 'code',
        redirect_uri: redirectUri,
        scope: 'openid profile email offline_access',
        state: 'bench',
        code_challenge: challenge,
        code_challenge_method: 'S256',
      })
      const { searchParams } = await follow(`${issuer}/oauth/authorize?${parameters}`)
      const code = searchParams.get('code')
      if (code === null) throw new Error(`no code: ${searchParams}`)
      return new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: CLIENT_ID,
        redirect_uri: redirectUri,
        code_verifier: verifier,
        code,
      })
    },
  }
}
