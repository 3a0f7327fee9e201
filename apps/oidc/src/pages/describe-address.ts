import { isPublic, readAddress } from '@daytona-auth/service'

/** Describes the address of an event in words. `current` is the address of the reader's request. */
export function describeAddress(address: string, current: string): string {
  if (address === current) return `your current address, ${address}`
  const range = readAddress(address)?.range()
  if (range === 'loopback') return `the server itself, ${address}`
  return range !== undefined && !isPublic(address) ? `a private network, ${address}` : address
}
