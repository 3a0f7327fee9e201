import { isIPv6 } from 'node:net'

/**
 * Who an address stands for when attempts are counted: an IPv4 address for itself, an IPv6 one for its /64, since
 * whoever has one address of it has all 2⁶⁴. An IPv4 address written as IPv6 is the IPv4 address.
 */
export function neighbourhood(address: string): string {
  const bare = address.split('%', 1)[0] ?? address
  if (!isIPv6(bare)) return bare
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)
  if (mapped?.[1]) return mapped[1]

  const [head = '', tail] = bare.toLowerCase().split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
