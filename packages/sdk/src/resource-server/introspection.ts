import * as z from 'zod/mini'
import { parseScopes } from './access-token.ts'
import type { Endpoints } from './discovery.ts'
import type { Settings } from './options.ts'
import type { ApiKeyPrincipal, OrganizationAccess, TokenPrincipal } from './principal.ts'
import { ProviderFault } from './provider-fault.ts'

/** An active credential with all organizations that it can access. */
export type Introspected = (Omit<ApiKeyPrincipal, 'organization'> | Omit<TokenPrincipal, 'organization'>) & {
  readonly organizations: readonly OrganizationAccess[]
}

const Text = z.string().check(z.minLength(1))

const Active = z.object({
  active: z.literal(true),
  iss: z.string(),
  aud: z.string(),
  sub: Text,
  scope: z.optional(z.string()),
  exp: z.optional(z.number()),
  client_id: z.optional(Text),
  jti: z.optional(Text),
  api_key_id: z.optional(Text),
  organizations: z.array(z.object({ id: Text, permissions: z.array(z.string()), suspended: z.boolean() })),
})
const Answer = z.union([Active, z.object({ active: z.literal(false) })])

/** Maximum `Retry-After` that is passed on to callers. */
const MAX_RETRY_AFTER_SECONDS = 60

/**
 * Creates a function that introspects credentials (RFC 7662) as a confidential client. It returns `undefined` for an
 * inactive credential, and throws a ProviderFault for an invalid response.
 */
export function createIntrospection(settings: Settings, endpoints: () => Promise<Endpoints>) {
  const { issuer, audience, clientId, clientSecret, timeoutMs, fetch } = settings
  const authorization = `Basic ${btoa(`${encodeForm(clientId)}:${encodeForm(clientSecret)}`)}`

  return async (credential: string, hint: 'access_token' | 'api_key'): Promise<Introspected | undefined> => {
    const { introspection } = await endpoints()
    const response = await fetch(introspection, {
      method: 'POST',
      headers: { authorization, accept: 'application/json' },
      body: new URLSearchParams({ token: credential, token_type_hint: hint }),
      // A redirect would forward the secret.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => {
      throw new ProviderFault('the provider cannot be reached', { cause })
    })
    if (response.status !== 200) throw await toProviderFault(response)
    const answer = Answer.safeParse(await response.json().catch(() => undefined))
    if (!answer.success) throw new ProviderFault('the introspection response is not valid')
    if (!answer.data.active) return undefined
    if (answer.data.iss !== issuer) throw new ProviderFault('the introspection response names another issuer')
    if (answer.data.aud !== audience) throw new ProviderFault('the introspection response names another audience')
    return toPrincipal(answer.data)
  }
}

function toPrincipal(active: z.infer<typeof Active>): Introspected {
  const { sub, exp, client_id: clientId, jti: tokenId, api_key_id: apiKeyId, organizations, scope = '' } = active
  const common = { userId: sub, expiresAt: exp === undefined ? undefined : exp * 1000, organizations }
  if (apiKeyId !== undefined && clientId === undefined) return { ...common, kind: 'api-key', apiKeyId }
  if (apiKeyId === undefined && clientId !== undefined && tokenId !== undefined && exp !== undefined) {
    return { ...common, kind: 'access-token', clientId, tokenId, scopes: parseScopes(scope) }
  }
  throw new ProviderFault('the introspection response does not determine the kind of credential')
}

async function toProviderFault(response: Response): Promise<ProviderFault> {
  await response.body?.cancel()
  const { status } = response
  if (status === 400 || status === 401 || status === 403) {
    return new ProviderFault(`the provider rejected clientId and clientSecret (${status})`)
  }
  const seconds = Number(response.headers.get('retry-after') ?? 1)
  return new ProviderFault(`the provider responded with status ${status}`, {
    statusCode: status === 429 ? 429 : 503,
    retryAfterSeconds: seconds >= 1 ? Math.min(Math.ceil(seconds), MAX_RETRY_AFTER_SECONDS) : 1,
  })
}

/** RFC 6749 section 2.3.1: client id and secret are encoded, because a colon separates them. */
const encodeForm = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1)
