import { BlockList, isIP } from 'node:net'

/** Whether the peer at this socket address may speak for the client behind it. */
export type TrustsPeer = (address: string | undefined) => boolean

const MEMORY = 1000

/** `networks`: CIDRs or single addresses. An empty list trusts nobody. */
export function trustedPeers(networks: readonly string[]): TrustsPeer {
  if (networks.length === 0) return () => false
  const trusted = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    const family = familyOf(address)
    if (family === undefined) throw new Error(`not a network: ${network}`)
    trusted.addSubnet(address, prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix), family)
  }

  // BlockList.check makes an object in C++ for each call; peers are few and ask once per request.
  const known = new Map<string, boolean>()
  return (address) => {
    if (address === undefined) return false
    const remembered = known.get(address)
    if (remembered !== undefined) return remembered
    const family = familyOf(address)
    const verdict = family !== undefined && trusted.check(address, family)
    if (known.size >= MEMORY) known.clear()
    known.set(address, verdict)
    return verdict
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined
}
