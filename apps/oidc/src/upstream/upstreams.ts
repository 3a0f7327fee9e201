import type { ProviderConfig } from '../config.ts'
import { createGithubUpstream } from './github.ts'
import { createOpenidUpstream, type UpstreamDependencies } from './openid.ts'
import type { Upstream } from './upstream.ts'

/** Below the time limit of a request, so that a provider that does not answer ends on our page. */
const MAX_STEP_MS = 4000
const SHARE_OF_REQUEST = 0.8

/** What the providers of a deployment and of organizations need. */
export function upstreamDependencies(
  { OUTBOUND_NETWORKS, HANDLER_TIMEOUT }: ProviderConfig,
  now: () => number,
): UpstreamDependencies {
  const timeoutMs = Math.floor(Math.min(MAX_STEP_MS, HANDLER_TIMEOUT * SHARE_OF_REQUEST))
  return { allowedNetworks: OUTBOUND_NETWORKS, timeoutMs, now }
}

/** Creates the configured upstream providers, by their names in URLs. Nothing is requested before someone uses one. */
export function createUpstreams(
  { upstreams }: Pick<ProviderConfig, 'upstreams'>,
  dependencies: UpstreamDependencies,
): ReadonlyMap<string, Upstream> {
  return new Map(
    upstreams.map((config) => [
      config.name,
      config.kind === 'github'
        ? createGithubUpstream(config, dependencies)
        : createOpenidUpstream(config, dependencies),
    ]),
  )
}
