import * as z from 'zod/mini'
import { scopesIn } from './access-token.ts'
import type { Endpoints } from './discovery.ts'
import type { Settings } from './options.ts'
import type { ApiKeyPrincipal, OrganizationAccess, TokenPrincipal } from './principal.ts'
import { ProviderFault } from './provider-fault.ts'

/** What the provider says of a good credential, wherever it works. */
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

/** A longer one is not passed on to callers: they may come back, and find out. */
const LONGEST_RETRY_AFTER_SECONDS = 60

/**
 * Asks the provider what a credential is worth (RFC 7662), as a client with a secret. The function that it returns gives
 * `undefined` for a credential that is not active for us, and throws a ProviderFault for any answer that is none.
 */
export function introspection(settings: Settings, endpoints: () => Promise<Endpoints>) {
  const { issuer, audience, clientId, clientSecret, timeoutMs, fetch } = settings
  const authorization = `Basic ${btoa(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`)}`

  return async (credential: string, hint: 'access_token' | 'api_key'): Promise<Introspected | undefined> => {
    const { introspection } = await endpoints()
    const response = await fetch(introspection, {
      method: 'POST',
      headers: { authorization, accept: 'application/json' },
      body: new URLSearchParams({ token: credential, token_type_hint: hint }),
      // To where the secret is meant for, and no further.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => {
      throw new ProviderFault('the provider cannot be asked', { cause })
    })
    if (response.status !== 200) throw await faultOf(response)
    const answer = Answer.safeParse(await response.json().catch(() => undefined))
    if (!answer.success) throw new ProviderFault('the provider gave an answer that makes no sense')
    if (!answer.data.active) return undefined
    if (answer.data.iss !== issuer) throw new ProviderFault('the provider answered as another issuer')
    if (answer.data.aud !== audience) throw new ProviderFault('the provider answered for another audience')
    return principalOf(answer.data)
  }
}

function principalOf(active: z.infer<typeof Active>): Introspected {
  const { sub, exp, client_id: clientId, jti: tokenId, api_key_id: apiKeyId, organizations, scope = '' } = active
  const common = { userId: sub, expiresAt: exp === undefined ? undefined : exp * 1000, organizations }
  if (apiKeyId !== undefined && clientId === undefined) return { ...common, kind: 'api-key', apiKeyId }
  if (apiKeyId === undefined && clientId !== undefined && tokenId !== undefined && exp !== undefined) {
    return { ...common, kind: 'access-token', clientId, tokenId, scopes: scopesIn(scope) }
  }
  throw new ProviderFault('the provider does not say what kind of credential it is')
}

async function faultOf(response: Response): Promise<ProviderFault> {
  await response.body?.cancel()
  const { status } = response
  if (status === 400 || status === 401 || status === 403) {
    return new ProviderFault(`the provider does not accept our clientId and clientSecret (${status})`)
  }
  const seconds = Number(response.headers.get('retry-after') ?? 1)
  return new ProviderFault(`the provider answered ${status}`, {
    statusCode: status === 429 ? 429 : 503,
    retryAfterSeconds: seconds >= 1 ? Math.min(Math.ceil(seconds), LONGEST_RETRY_AFTER_SECONDS) : 1,
  })
}

/** RFC 6749 section 2.3.1: what is joined by a colon must not have one in it. */
const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1)
