import { boundedText, isLoopback, type PublicFetch } from '@daytona-auth/service'
import { z } from 'zod'

/** The longest issuer that is stored. */
export const MAX_ISSUER_LENGTH = 256

/** For all requests of a test together: the administrator waits for the answer. */
const TOTAL_MS = 4000

/** What we are a client of another provider with. */
export interface UpstreamClient {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
}

const Endpoint = boundedText({ max: 2048 }).refine((text) => {
  const url = URL.parse(text)
  return url !== null && isSecure(url) && url.hash === '' && url.username === '' && url.password === ''
})

/** What a sign-in needs of a provider's metadata (OIDC Discovery §3). */
const Metadata = z.object({
  issuer: boundedText({ max: MAX_ISSUER_LENGTH }),
  authorization_endpoint: Endpoint,
  token_endpoint: Endpoint,
  jwks_uri: Endpoint,
  response_types_supported: z.array(z.string()).optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
})

const Keys = z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1) })
const TokenError = z.object({ error: z.string() })

/** Returns what is wrong with the form of an issuer identifier: https, or http on loopback, and no query (OIDC Core §2). */
export function issuerProblem(text: string): string | undefined {
  const url = text.length <= MAX_ISSUER_LENGTH ? URL.parse(text) : null
  if (!url || !isSecure(url)) return 'must be an https URL such as https://login.example.com'
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '' || /[?#]/.test(text)) {
    return 'must have no query, fragment, user name or password'
  }
  return undefined
}

/**
 * Tests an identity provider before it is stored: that its metadata and keys can be read, belong to the issuer and suffice for
 * a sign-in, and that it knows the client. For the latter the token endpoint gets a code that does not exist: it authenticates
 * the client first (RFC 6749 §3.2.1). Returns what is wrong, in words for an administrator. Nothing of a response is repeated.
 */
export async function checkUpstream(
  given: PublicFetch,
  { issuer, clientId, clientSecret }: UpstreamClient,
  redirectUri: string,
): Promise<{ readonly path: 'issuer' | 'clientSecret'; readonly message: string } | undefined> {
  const ended = AbortSignal.timeout(TOTAL_MS)
  const fetchPublic: Read = (url, headers, form) => given(url, headers, form, ended)
  const found = await read(fetchPublic, `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, Metadata)
  if (found === 'unreachable') return wrong('issuer', 'does not answer at /.well-known/openid-configuration')
  if (found === 'unusable') return wrong('issuer', 'has no usable OpenID configuration')
  if (found.issuer !== issuer) return wrong('issuer', 'differs from the issuer in its own OpenID configuration')
  if (found.response_types_supported && !found.response_types_supported.includes('code')) {
    return wrong('issuer', 'does not support the authorization code flow')
  }
  if (typeof (await read(fetchPublic, found.jwks_uri, Keys)) === 'string') return wrong('issuer', 'publishes no keys')
  const methods = found.token_endpoint_auth_methods_supported
  if (methods && !methods.some((method) => method === 'client_secret_basic' || method === 'client_secret_post')) {
    return wrong('issuer', 'accepts no client secrets')
  }
  const usesPost = methods !== undefined && !methods.includes('client_secret_basic')
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code: 'test-of-the-client',
    redirect_uri: redirectUri,
    code_verifier: 'test-of-the-client-before-its-secret-is-stored',
    ...(usesPost && { client_id: clientId, client_secret: clientSecret }),
  })
  try {
    const answer = await fetchPublic(
      found.token_endpoint,
      { accept: 'application/json', ...(!usesPost && { authorization: basic(clientId, clientSecret) }) },
      form,
    )
    const { data } = TokenError.safeParse(await answer.json().catch(() => undefined))
    if (data && REJECTED.has(data.error))
      return wrong('clientSecret', 'is not accepted by the provider for this client')
    return data || answer.ok ? undefined : wrong('issuer', 'has no usable token endpoint')
  } catch {
    return wrong('issuer', 'does not answer at its token endpoint')
  }
}

/** RFC 6749 §5.2: the client is unknown or was not authenticated, or may not use the flow. */
const REJECTED: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client'])

const wrong = (path: 'issuer' | 'clientSecret', message: string) => ({ path, message })

/** Both parts are encoded as in a form first (RFC 6749 §2.3.1). */
const basic = (clientId: string, clientSecret: string): string =>
  `Basic ${Buffer.from(`${encoded(clientId)}:${encoded(clientSecret)}`).toString('base64')}`

const encoded = (text: string): string => new URLSearchParams({ text }).toString().slice('text='.length)

const isSecure = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))

type Read = (url: string, headers: Readonly<Record<string, string>>, form?: URLSearchParams) => Promise<Response>

async function read<T>(fetchPublic: Read, url: string, schema: z.ZodType<T>): Promise<T | 'unreachable' | 'unusable'> {
  try {
    const response = await fetchPublic(url, { accept: 'application/json' })
    if (response.status !== 200) return 'unreachable'
    const { data } = schema.safeParse(await response.json().catch(() => undefined))
    return data ?? 'unusable'
  } catch {
    return 'unreachable'
  }
}
