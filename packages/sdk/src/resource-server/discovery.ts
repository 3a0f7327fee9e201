import * as z from 'zod/mini'
import type { Settings } from './options.ts'
import { ProviderFault } from './provider-fault.ts'
import { ageOf, instantOf } from './time.ts'

/** Where the provider is asked. */
export interface Endpoints {
  readonly jwks: URL
  readonly introspection: URL
}

const Metadata = z.object({ issuer: z.string(), jwks_uri: z.url(), introspection_endpoint: z.url() })

/** So long an attempt that failed stands for those that would follow. */
const HOLD_OFF_MS = 1000

/**
 * Where the provider is asked, by its own word (OpenID Connect Discovery 1.0 section 4): read once, and again after a
 * failure. What it says of itself counts only under the issuer's own name (section 4.3) and origin: the client's secret
 * and the callers' credentials go there.
 * @throws ProviderFault as long as it cannot be read
 */
export function endpointsOf({ issuer, timeoutMs, fetch, clock }: Settings): () => Promise<Endpoints> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const { origin } = new URL(issuer)

  async function read(): Promise<Endpoints> {
    const metadata = Metadata.safeParse(await document())
    if (!metadata.success) throw new ProviderFault('the provider says nothing of where it can be asked')
    if (metadata.data.issuer !== issuer) throw new ProviderFault('the provider has another issuer than ours')
    const jwks = new URL(metadata.data.jwks_uri)
    const introspection = new URL(metadata.data.introspection_endpoint)
    if (jwks.origin !== origin || introspection.origin !== origin) {
      throw new ProviderFault('the provider wants to be asked at another origin than that of its issuer')
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
      throw new Error(`it answered ${response.status}`)
    } catch (cause) {
      throw new ProviderFault("the provider's discovery document cannot be read", { cause })
    }
  }

  let reading: { readonly endpoints: Promise<Endpoints>; readonly since: ReturnType<typeof instantOf> } | undefined
  let hasFailed = false
  return () => {
    if (reading === undefined || (hasFailed && ageOf(reading.since, clock) >= HOLD_OFF_MS)) {
      hasFailed = false
      reading = { endpoints: read(), since: instantOf(clock) }
      reading.endpoints.catch(() => {
        hasFailed = true
      })
    }
    return reading.endpoints
  }
}
