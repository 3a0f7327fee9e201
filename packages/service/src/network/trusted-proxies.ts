import { BlockList, isIP } from 'node:net'

/** Returns whether the peer at this socket address is a trusted proxy. */
export type TrustsPeer = (address: string | undefined) => boolean

const MAX_CACHED = 1000

/** Returns the predicate for `networks`: CIDRs or single addresses. An empty list trusts no peer. */
export function trustedPeers(networks: readonly string[]): TrustsPeer {
  if (networks.length === 0) return () => false
  const trusted = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    const family = familyOf(address)
    if (family === undefined) throw new Error(`not a network: ${network}`)
    trusted.addSubnet(address, prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix), family)
  }

  // BlockList.check creates an object in C++ for each call. Peers are few and checked once per request.
  const cache = new Map<string, boolean>()
  return (address) => {
    if (address === undefined) return false
    const cached = cache.get(address)
    if (cached !== undefined) return cached
    const family = familyOf(address)
    const isTrusted = family !== undefined && trusted.check(address, family)
    if (cache.size >= MAX_CACHED) cache.clear()
    cache.set(address, isTrusted)
    return isTrusted
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined
}
