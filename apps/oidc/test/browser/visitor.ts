import { createHash, randomBytes } from 'node:crypto'

interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly html: string
  /** The absolute target of its redirect or meta refresh; undefined if it has neither. */
  readonly location: URL | undefined
  readonly url: URL
}

/**
 * A browser as the provider sees it: cookies with their paths, single redirects, forms by their names. It can send what
 * a real browser would not, and shows every answer on the way.
 */
export interface Visitor {
  readonly cookies: readonly Cookie[]
  /** Adds a cookie beside its own, as malware or a sibling host could. */
  plant(cookie: Cookie): void
  get(url: string | URL): Promise<Answer>
  post(url: string | URL, fields: Fields, headers?: Record<string, string>): Promise<Answer>
  /** Follows redirects until a page is shown or the target is on another origin. */
  follow(answer: Answer): Promise<Answer>
}

export type Fields = Readonly<Record<string, string | readonly string[]>>

/** `always`: headers of every request, such as `Accept-Language`. */
export function visitor(origin: string, always: Readonly<Record<string, string>> = {}): Visitor {
  // Name and path identify a cookie, so each interaction has its own.
  const jar = new Map<string, Cookie>()
  const keep = (cookie: Cookie) => jar.set(`${cookie.name} ${cookie.path}`, cookie)

  async function send(url: string | URL, init: RequestInit): Promise<Answer> {
    const target = new URL(url, origin)
    const sent = [...jar.values()].filter(({ path }) => isUnder(target.pathname, path))
    const cookie = sent.map(({ name, value }) => `${name}=${value}`).join('; ')
    const response = await fetch(target, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', ...always, ...(cookie && { cookie }), ...init.headers },
    })
    for (const line of response.headers.getSetCookie()) receive(line)
    const html = await response.text()
    const location = response.headers.get('location') ?? refreshOf(html)
    return {
      status: response.status,
      headers: response.headers,
      html,
      location: location === null ? undefined : new URL(location, target),
      url: target,
    }
  }

  function receive(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    const attribute = (key: string) =>
      attributes.find((one) => one.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1)
    const cookie = { name, value, path: attribute('path') ?? '/' }
    const expires = attribute('expires')
    if (expires !== undefined && Date.parse(expires) <= Date.now()) jar.delete(`${name} ${cookie.path}`)
    else keep(cookie)
  }

  const visit: Visitor = {
    get cookies() {
      return [...jar.values()]
    },
    plant: keep,
    get: (url) => send(url, {}),
    post(url, fields, headers = {}) {
      const body = new URLSearchParams()
      for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one)
      return send(url, { method: 'POST', body, headers: { origin, ...headers } })
    },
    async follow(answer) {
      let current = answer
      for (let hops = 0; hops < 10 && current.location?.origin === origin; hops++) {
        current = await visit.get(current.location)
      }
      return current
    },
  }
  return visit
}

/** Returns the target of a page's meta refresh. */
function refreshOf(html: string): string | null {
  const [, href] = /<meta http-equiv="refresh" content="0; url=([^"]*)">/.exec(html) ?? []
  return href?.replaceAll('&amp;', '&').replaceAll('&#39;', "'").replaceAll('&quot;', '"') ?? null
}

/** Returns the value of an input of a page, unescaped as far as the provider's values need it. */
export function inputOf({ html }: Answer, name: string): string {
  const [tag = ''] = new RegExp(`<input[^>]*\\bname="${name}"[^>]*>`).exec(html) ?? []
  const [, value] = /\bvalue="([^"]*)"/.exec(tag) ?? []
  if (value === undefined) throw new Error(`no input ${name} with a value in: ${html}`)
  return value
}

/** Returns the text of the page's main part, without tags. */
export const textOf = ({ html }: Answer): string =>
  (/<main>(.*)<\/main>/s.exec(html)?.[1] ?? html)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

export interface AuthorizationRequest {
  readonly url: string
  readonly verifier: string
  readonly state: string
}

/** Builds an authorization request with PKCE, as a client library does. */
export function authorizationRequest(
  issuer: string,
  parameters: { readonly client_id: string; readonly redirect_uri: string } & Readonly<Record<string, string>>,
): AuthorizationRequest {
  const verifier = randomBytes(32).toString('base64url')
  const state = randomBytes(8).toString('hex')
  const url = new URL('/oauth/authorize', issuer)
  url.search = new URLSearchParams({
    response_type: 'code',
    scope: 'openid profile email',
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...parameters,
  }).toString()
  return { url: url.href, verifier, state }
}

/** RFC 6265 §5.1.4. */
const isUnder = (path: string, cookiePath: string): boolean =>
  path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`)

/** Starts an authorization and stops at the first page. */
export async function arrive(visit: Visitor, request: AuthorizationRequest): Promise<Answer> {
  return visit.follow(await visit.get(request.url))
}

/** Submits the form of an interaction page, with its token. `action` is the last part of the form's path. */
export function send(visit: Visitor, page: Answer, action: string, fields: Fields): Promise<Answer> {
  const [start] = /^\/oauth\/interaction\/[^/]+/.exec(page.url.pathname) ?? []
  if (!start) throw new Error(`${page.url} is not an interaction page`)
  return visit.post(`${start}/${action}`, { csrf: inputOf(page, 'csrf'), ...fields })
}
