import { isInNetworks, readNetwork } from './network.ts'

/** Returns whether the peer at this socket address is a trusted proxy. */
export type TrustsPeer = (address: string | undefined) => boolean

const MAX_CACHED = 1000

/** Returns the predicate for `networks`: CIDRs or single addresses. An empty list trusts no peer. */
export function trustedPeers(networks: readonly string[]): TrustsPeer {
  if (networks.length === 0) return () => false
  const trusted = networks.map((text) => {
    const network = readNetwork(text)
    if (!network) throw new Error(`not a network: ${text}`)
    return network
  })

  // Reading and comparing an address takes a microsecond. Peers are few and checked once per request.
  const cache = new Map<string, boolean>()
  return (address) => {
    if (address === undefined) return false
    const cached = cache.get(address)
    if (cached !== undefined) return cached
    const isTrusted = isInNetworks(trusted, address)
    if (cache.size >= MAX_CACHED) cache.clear()
    cache.set(address, isTrusted)
    return isTrusted
  }
}
