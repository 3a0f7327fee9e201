import { isPublic, readAddress } from '@daytona-auth/service'
import type { Message } from './language.ts'

/** Describes the address of an event in words. `current` is the address of the reader's request. */
export function describeAddress(address: string, current: string): Message {
  if (address === current) return { sentence: 'your current address, {address}', values: { address } }
  const range = readAddress(address)?.range()
  if (range === 'loopback') return { sentence: 'the server itself, {address}', values: { address } }
  return range !== undefined && !isPublic(address)
    ? { sentence: 'a private network, {address}', values: { address } }
    : { text: address }
}
