import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** A network: an address of it and the length of its prefix in bits. */
export type Network = readonly [address: Address, prefixBits: number]

/**
 * Reads an address without port or brackets; an IPv4-mapped IPv6 address is IPv4. Short and octal forms of IPv4, which
 * programs read differently, are refused.
 */
export function readAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  return ipaddr.IPv6.isValid(text) ? ipaddr.process(text) : undefined
}

/** Reads a network in CIDR notation (`10.0.0.0/8`, `fd00::/8`) or a single address. */
export function readNetwork(text: string): Network | undefined {
  const address = readAddress(text)
  if (address) return [address, address instanceof ipaddr.IPv4 ? 32 : 128]
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text) && !ipaddr.IPv6.isValidCIDR(text)) return undefined
  const [start, prefixBits] = ipaddr.parseCIDR(text)
  // Addresses are compared as IPv4 if they are mapped, so the network is too.
  const isMapped = start instanceof ipaddr.IPv6 && start.isIPv4MappedAddress() && prefixBits >= 96
  return isMapped ? [start.toIPv4Address(), prefixBits - 96] : [start, prefixBits]
}

/** Whether one of the networks contains the address. Text that is not an address is in no network. */
export function isInNetworks(networks: readonly Network[], text: string): boolean {
  const address = readAddress(text)
  return address !== undefined && networks.some(([start, bits]) => contains(start, bits, address))
}

function contains(start: Address, bits: number, address: Address): boolean {
  if (start instanceof ipaddr.IPv4) return address instanceof ipaddr.IPv4 && address.match(start, bits)
  return address instanceof ipaddr.IPv6 && address.match(start, bits)
}
