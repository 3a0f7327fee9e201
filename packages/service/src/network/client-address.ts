import type { IncomingMessage } from 'node:http'
import ipaddr from 'ipaddr.js'
import { readAddress } from './network.ts'
import type { TrustsPeer } from './trusted-proxies.ts'

/**
 * Parses an address as proxies write it: with a port (`203.0.113.8:51234`, `[2001:db8::1]:443`), in brackets, quoted (RFC
 * 7239 §4). Returns its canonical form without port and zone, and an IPv4-mapped IPv6 address as IPv4. Returns undefined
 * for anything else, such as `unknown` and obfuscated identifiers.
 */
export function parseAddress(text: string): string | undefined {
  const parsed = parse(text)
  if (!parsed) return undefined
  return parsed.toString().split('%', 1)[0]
}

/**
 * Returns the network that counts as one client: an IPv4 address, or the /64 of an IPv6 address, since one machine can use
 * all addresses of a /64. Other text is returned unchanged. A closed socket has no address, although its type has one.
 */
export function networkOf(address: string | undefined): string {
  if (address === undefined) return ''
  const parsed = parse(address)
  if (!parsed) return address
  if (parsed instanceof ipaddr.IPv4) return parsed.toString()
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}

/** An address with its port, zone and quotes is never longer. */
const MAX_CHARS = 100

function parse(text: string): ReturnType<typeof readAddress> {
  if (text.length > MAX_CHARS) return undefined
  const bare = text.trim().replace(/^"(.*)"$/, '$1')
  return readAddress(/^\[([^\]]*)\](?::\d{1,5})?$/.exec(bare)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(bare)?.[1] ?? bare)
}

/**
 * Normalizes the client address from a trusted peer: rewrites `X-Forwarded-For` with canonical addresses without ports,
 * from the `for` members of `Forwarded` (RFC 7239) if it is absent. An unknown member ends the chain: the proxy that sent
 * it counts as the client. Must run before the address of a request is read: with ports, each connection would count as
 * another client.
 */
export function normalizeForwardedFor({ headers, socket }: IncomingMessage, trusts: TrustsPeer): void {
  const forwardedFor = headers['x-forwarded-for']
  const { forwarded } = headers
  if (forwardedFor === undefined && forwarded === undefined) return
  if (!trusts(socket.remoteAddress)) return
  const members = forwardedFor === undefined ? forMembers(String(forwarded)) : String(forwardedFor).split(',')
  const known: string[] = []
  for (const member of members.reverse()) {
    // RFC 9110 §5.6.1: empty members of a list are ignored.
    if (member.trim() === '') continue
    const address = parseAddress(member)
    if (address === undefined) break
    known.unshift(address)
  }
  if (known.length > 0) headers['x-forwarded-for'] = known.join(', ')
  else delete headers['x-forwarded-for']
}

/** Returns the `for` parameters of a `Forwarded` header, in order, and `unknown` for an element without one. */
const forMembers = (forwarded: string): string[] =>
  forwarded
    .split(',')
    .filter((element) => element.trim() !== '')
    .map((element) => /(?:^|;)\s*for\s*=\s*("[^"]*"|[^;\s]*)/i.exec(element)?.[1] ?? 'unknown')
