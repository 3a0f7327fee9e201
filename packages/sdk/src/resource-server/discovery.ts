import * as z from 'zod/mini'
import type { Settings } from './options.ts'
import { ProviderFault } from './provider-fault.ts'
import { measureAge, takeInstant } from './time.ts'

/** Endpoints of the provider. */
export interface Endpoints {
  readonly jwks: URL
  readonly introspection: URL
}

const Metadata = z.object({ issuer: z.string(), jwks_uri: z.url(), introspection_endpoint: z.url() })

/** Minimum interval between attempts after a failure. */
const RETRY_INTERVAL_MS = 1000

/**
 * Creates a reader of the provider's endpoints (OpenID Connect Discovery 1.0 section 4), which reads them once, and again
 * after a failure. They must have the issuer's name (section 4.3) and origin, because the client's secret and callers'
 * credentials are sent there.
 * @throws ProviderFault while they cannot be read
 */
export function createEndpointReader({ issuer, timeoutMs, fetch, clock }: Settings): () => Promise<Endpoints> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const { origin } = new URL(issuer)

  async function read(): Promise<Endpoints> {
    const metadata = Metadata.safeParse(await document())
    if (!metadata.success)
      throw new ProviderFault('the discovery document lacks an issuer, jwks_uri or introspection_endpoint')
    if (metadata.data.issuer !== issuer) throw new ProviderFault('the discovery document names another issuer')
    const jwks = new URL(metadata.data.jwks_uri)
    const introspection = new URL(metadata.data.introspection_endpoint)
    if (jwks.origin !== origin || introspection.origin !== origin) {
      throw new ProviderFault('the discovery document names an endpoint at another origin than the issuer’s')
    }
    return { jwks, introspection }
  }

  async function document(): Promise<unknown> {
    try {
      const response = await fetch(url, {
        headers: { accept: 'application/json' },
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      })
      if (response.status === 200) return await response.json()
      await response.body?.cancel()
      throw new Error(`status ${response.status}`)
    } catch (cause) {
      throw new ProviderFault('the discovery document cannot be read', { cause })
    }
  }

  let reading: { readonly endpoints: Promise<Endpoints>; readonly since: ReturnType<typeof takeInstant> } | undefined
  let hasFailed = false
  return () => {
    if (reading === undefined || (hasFailed && measureAge(reading.since, clock) >= RETRY_INTERVAL_MS)) {
      hasFailed = false
      reading = { endpoints: read(), since: takeInstant(clock) }
      reading.endpoints.catch(() => {
        hasFailed = true
      })
    }
    return reading.endpoints
  }
}
