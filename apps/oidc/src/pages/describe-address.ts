import { isPublic, readAddress } from '@daytona-auth/service'
import type { Message } from './language.ts'

/** Describes an address in words, with the place of its network if one is known. `current` is the address of the reader's request. */
export function describeAddress(given: string, current: string, place?: string): Message {
  const address = place === undefined ? given : `${given} (${place})`
  if (given === current) return { sentence: 'your current address, {address}', values: { address } }
  const range = readAddress(given)?.range()
  if (range === 'loopback') return { sentence: 'the server itself, {address}', values: { address } }
  return range !== undefined && !isPublic(given)
    ? { sentence: 'a private network, {address}', values: { address } }
    : { text: address }
}
